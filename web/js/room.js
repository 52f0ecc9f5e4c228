// One stay in a room: the client of the SDK, from join to leave.

/* global NERTC */

import { NOTED } from './event-log.js';
import { readStatistics } from './figures.js';
import { Others } from './others.js';
import { Own } from './own.js';
import { Recorder } from './recorder.js';

/** Why a room has ended is told right after its connection is gone: how long in ms to wait for that. */
const REASON_GRACE = 300;

/**
 * A stay in a room. What happens in it is told to `view`, an object with the functions
 *
 *   joined(uid, role)  memberJoined(uid)  memberLeft(uid)
 *   place(uid, type) → Element             where a member's 'video' or 'screen' is played
 *   displaced(uid, type)                   that picture is gone
 *   media(uid, {audio?, video?, screen?})  whether a member is heard and seen now
 *   levels([{uid, level, type}])           how loud the others are, every second
 *   state(curState, reconnect)             DISCONNECTED, CONNECTING, CONNECTED, DISCONNECTING
 *   quality([{uid, uplinkNetworkQuality, downlinkNetworkQuality}])   how good the connections are, every two seconds
 *   noted(event, passed)                   an event of the SDK, for the log
 *   role('host' | 'audience')              the own role has changed
 *   silenced({audio?, video?, duration})   the operator has muted the visitor, or lifted that
 *   task({taskId, code, msg, …})           how a live task of the room is: rtmp-state
 *   soundBlocked(blocked)                  whether others.resume() is needed
 *   devicesFailed({audio?, video?})        reasons, as in devices.js, or 'gone'
 *   ended(kind, detail)                    'lost', 'uid-duplicate', 'client-banned', 'channel-closed', 'permkey-timeout'
 */
export class Room {
  #view;
  #client;
  #wanted;
  #own = null;
  #others = null;
  #recorder = null;
  #joined = false;
  #uid = null; // kept: the client forgets it when the room is over
  #over = false;
  #work = Promise.resolve();

  constructor(view) {
    this.#view = view;
  }

  /** What comes from the others, an Others. */
  get others() {
    return this.#others;
  }

  /** What the visitor sends, an Own; null before the join. To be asked and configured; what takes time has methods here. */
  get own() {
    return this.#own;
  }

  /** Whether the own microphone, camera and screen are sent and not muted. */
  get sending() {
    return this.#own?.sending ?? { audio: false, video: false, screen: false };
  }

  /**
   * Joins. options: {room, uid, appkey, token, role, relay, tracks, on, choices}:
   * uid null lets the server choose; relay sends media through the server's relay; tracks {audio, video} are the devices to open,
   * on {audio, video} which of them are heard and seen at once; choices is a Choices.
   * The devices are opened by openDevices after the join, so that a visitor who is
   * still being asked for the camera already sees the others.
   */
  async join(options) {
    this.#wanted = options;
    this.#client = NERTC.createClient({ appkey: options.appkey || 'demo', debug: false });
    this.#others = new Others({ client: this.#client, view: this.#view, choices: options.choices });
    this.#recorder = new Recorder({ client: this.#client, room: options.room });
    this.#listen();
    try {
      this.#client.setChannelProfile({ mode: 'live' }); // only live rooms may be pushed
      if (options.encryption) {
        this.#client.setEncryptionMode(options.encryption.mode);
        this.#client.setEncryptionSecret(options.encryption.secret);
      }
      if (options.role === 'audience') await this.#client.setClientRole('audience');
      if (options.relay) await this.#client.startProxyServer();
      await this.#client.join({
        channelName: options.room,
        ...(options.uid && { uid: options.uid }),
        ...(options.token && { token: options.token }),
      });
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#joined = true;
    this.#uid = this.#client.getUid();
    this.#own = new Own({ client: this.#client, uid: this.#uid, view: this.#view, choices: options.choices });
    this.#view.joined(this.#uid, options.role ?? 'host');
  }

  /** Opens the devices that were wanted and publishes them. Rejects only if the server refuses. */
  openDevices() {
    return this.#inTurn(() => this.#own.open(this.#wanted.tracks, this.#wanted.on));
  }

  /** Turns the own microphone ('audio') or camera ('video') on or off. */
  set(kind, on) {
    return this.#inTurn(() => this.#own.set(kind, on));
  }

  /** Shares a screen or ends that; answers whether one is shared. */
  share(on) {
    return this.#inTurn(() => this.#own.share(on));
  }

  /** Uses another device: kind is 'audio' or 'video'. */
  switchTo(kind, deviceId) {
    return this.#inTurn(() => this.#own?.switchTo(kind, deviceId));
  }

  /** Everything that the SDK measures, as figures.js reads it. */
  statistics() {
    return readStatistics(this.#client);
  }

  /** The recording, a Recorder. */
  get recorder() {
    return this.#recorder;
  }

  /** Becomes 'host' or 'audience'. Who only watches gives the devices back. */
  setRole(role) {
    return this.#inTurn(async () => {
      const on = this.sending;
      if (role === 'audience') {
        await this.#own.close();
        this.#wanted = { ...this.#wanted, on, tracks: { audio: true, video: on.video } };
      }
      await this.#client.setClientRole(role);
      this.#view.role(role);
      if (role === 'host') await this.#own.open(this.#wanted.tracks, this.#wanted.on);
    });
  }

  /** Begins to push the room, as an RTMPTask says. */
  addTask(task) {
    return this.#client.addTasks({ rtmpTasks: [task] });
  }

  /** Puts another RTMPTask in the place of the one with its id. */
  updateTask(task) {
    return this.#client.updateTasks({ rtmpTasks: [task] });
  }

  /** Ends a push. */
  deleteTask(taskId) {
    return this.#client.deleteTasks({ taskIds: [taskId] });
  }

  /** Saves the present picture of a 'video' or a 'screen'; answers the file's name. */
  snapshot(uid, type) {
    const name = `${uid}-${type}-${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}`;
    return uid === this.#uid ? this.#own.snapshot(type, name) : this.#others.snapshot(uid, type, name);
  }

  /** Tells the SDK how large a picture is shown. Faces fill their tile; of a screen nothing is cut off. */
  resize(uid, type, width, height) {
    const mode = { width, height, cut: type !== 'screen' };
    if (uid === this.#uid) this.#own?.resize(type, mode);
    else this.#others?.resize(uid, type, mode);
  }

  /** Leaves and gives the devices back. */
  async leave() {
    if (this.#over) return;
    this.#over = true;
    const leaving = this.#client.leave().catch(() => {});
    this.#own?.destroy();
    await leaving;
    await this.#destroy();
  }

  #listen() {
    const client = this.#client;
    const view = this.#view;
    client.on('connection-state-change', ({ curState, prevState, reconnect }) => {
      if (this.#over) return;
      const again = Boolean(reconnect) || (curState === 'CONNECTING' && prevState === 'CONNECTED');
      view.state(curState, again);
      if (curState === 'DISCONNECTED' && this.#joined) setTimeout(() => this.#finish('lost'), REASON_GRACE);
    });
    for (const event of ['uid-duplicate', 'client-banned', 'channel-closed', 'permkey-timeout']) {
      client.on(event, () => this.#finish(event));
    }
    client.on('rtmp-state', (state) => view.task(state));
    client.on('audioVideoBanned', (banned) => view.silenced(banned));
    client.on('network-quality', (users) => view.quality(users));
    for (const event of NOTED) client.on(event, (passed) => view.noted(event, passed));
    client.on('volume-indicator', (levels) => view.levels([...levels]));
  }

  // Clicks come faster than devices open: one step after the other.
  #inTurn(step) {
    const done = this.#work.then(() => (this.#over ? undefined : step()));
    this.#work = done.catch(() => {});
    return done;
  }

  // The room has ended without us asking.
  #finish(kind) {
    if (this.#over) return;
    this.#end();
    this.#view.ended(kind, { uid: this.#uid });
  }

  #end() {
    this.#over = true;
    this.#own?.destroy();
    this.#destroy();
  }

  // What is being recorded is the visitor's: it is saved before the client goes with it.
  async #destroy() {
    await this.#recorder.rescue().catch((error) => console.warn('recording', error));
    this.#client.destroy();
  }
}
