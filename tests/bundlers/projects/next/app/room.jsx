'use client';

import { useEffect } from 'react';
import NERTC from 'nertc-wasm-sdk';

export function Room() {
  useEffect(() => {
    const enter = async () => {
      const [{ call }, keys] = await Promise.all([import('../call.js'), fetch(`/api/key${location.search}`).then((r) => r.json())]);
      await call(NERTC, keys);
    };
    enter();
  }, []);
  return (
    <main>
      <p>SDK {NERTC.VERSION}</p>
      <div id="others" />
    </main>
  );
}
