// What a bundler puts into a page that imports the part for servers: nothing but this. It exports nothing, so that the
// bundler says already that the names are missing.
export {};

throw new Error(
  'nertc: the part for servers is not for pages. It signs with the secret of your app, and whoever has the page would have it too: make tokens on your server. ' +
    'A test of that server is no page either: give it the environment node, in Jest by @jest-environment node.',
);
