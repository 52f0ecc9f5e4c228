'use client';

import { useEffect } from 'react';
import NERTC from 'nertc-wasm-sdk';

export function Room() {
  useEffect(() => {
    const gone = new AbortController();
    const enter = async () => {
      const [{ call }, keys] = await Promise.all([import('../call.js'), fetch(`/api/key${location.search}`).then((r) => r.json())]);
      if (!gone.signal.aborted) await call(NERTC, { ...keys, signal: gone.signal });
    };
    enter().catch((error) => gone.signal.aborted || console.error(error));
    return () => gone.abort(); // in development React's strict mode runs an effect twice: two clients of one uid
  }, []);
  return (
    <main>
      <p>SDK {NERTC.VERSION}</p>
      <div id="others" />
    </main>
  );
}
