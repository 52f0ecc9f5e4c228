declare module 'frame_worker' {
  /** The bundled frames.ts. */
  const script: string;
  export default script;
}
