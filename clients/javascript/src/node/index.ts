export { FileCheckpointStore } from './file-checkpoint-store.js';
export { UdpPublisher } from './udp-publisher.js';
