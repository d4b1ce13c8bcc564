export type { ConnectionListener } from './backoff.js';
export type { Checkpoint, CheckpointStore } from './checkpoint.js';
export type { Change } from './change.js';
export { Endpoint, type Passwords } from './endpoint.js';
export {
  ClosedError,
  MalformedStreamError,
  OplogError,
  RefusedError,
  UnavailableError,
  type Reason,
} from './errors.js';
export { EventStream, follow, type FollowOptions } from './event-stream.js';
export { Live, Operation, Reset, type OperationKind, type StreamEvent } from './events.js';
export type { MirrorProgress } from './meter.js';
export { Mirror, type MirrorChange, type MirrorOptions, type MirrorTarget } from './mirror.js';
export { process, type Handler, type ProcessOptions } from './process.js';
export { Publisher, type PublisherOptions } from './publisher.js';
export { RetryPolicy, type RetryWaits } from './retry-policy.js';
export { SseParser, type SseEvent, type SseLimits, type SseListener } from './sse-parser.js';
export type { From, StreamFilter } from './stream-request.js';
