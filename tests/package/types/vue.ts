// Clients and streams in the hands of Vue.
import { computed, reactive, ref, shallowRef, watch } from '@vue/reactivity'
import type { Ref } from '@vue/reactivity'
import NERTC from 'nertc-wasm-sdk'
import type { Client, Stream } from 'nertc-wasm-sdk'

const client = ref<Client | null>(null)
const local = ref<Stream>()
const remote: Ref<Stream[]> = ref([])
const plain = shallowRef<Client>()
const state = reactive({ client: null as Client | null, streams: new Map<string, Stream>(), level: 0 })

export async function call(view: Ref<HTMLElement | null>): Promise<void> {
  client.value = NERTC.createClient({ appkey: 'k' })
  plain.value = client.value
  state.client = NERTC.createClient({ appkey: 'k' })
  client.value.on('stream-added', async ({ stream }) => {
    remote.value.push(stream)
    state.streams.set(stream.stringStreamID, stream)
    await client.value?.subscribe(stream)
  })
  client.value.on('stream-subscribed', ({ stream }) => stream.play(view.value))
  local.value = NERTC.createStream({ audio: true, video: true, client: client.value })
  await client.value.join({ channelName: 'room' })
  await local.value.init()
  await client.value.publish(local.value)
  await state.client.publish(local.value)
  for (const stream of remote.value) await client.value.subscribe(stream)
  take(client.value, local.value)
}

function take(one: Client, stream: Stream): void {
  watch(() => state.level, () => one.setPlaybackVolume(state.level))
  void stream
}

export const uids = computed(() => remote.value.map((stream) => stream.getId()))
