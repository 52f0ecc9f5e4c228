// The mistake that must not work: tokens made in the page.
import { makeToken } from 'nertc-wasm-sdk/server';

document.title = makeToken({ appkey: 'k', appSecret: 's', channelName: 'room' });
