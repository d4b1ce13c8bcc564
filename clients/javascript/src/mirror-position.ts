import { OplogError } from './errors.js';
import { shortened } from './events.js';

const TEXT = /^([0-9a-f]{24}) (\d{1,15}) (live|reset)$/;

/** Where a mirror stands; as a text it is the checkpoint that its target keeps. */
export class MirrorPosition {
  /** That of a target that has nothing yet. */
  static readonly START = new MirrorPosition('0', 0, 'live');

  constructor(
    readonly eventId: string,
    /** Counts the resets; each object that is put carries it. */
    readonly generation: number,
    /** `reset` while everything that exists is on its way. */
    readonly state: 'live' | 'reset',
  ) {}

  static parse(text: string | null | undefined): MirrorPosition {
    if (text === null || text === undefined) return MirrorPosition.START;
    const parts = TEXT.exec(text);
    if (parts === null) throw new OplogError(`the target has no checkpoint of a mirror: ${shortened(text)}`);
    return new MirrorPosition(parts[1]!, Number(parts[2]), parts[3] as 'live' | 'reset');
  }

  at(eventId: string): MirrorPosition {
    return new MirrorPosition(eventId, this.generation, this.state);
  }

  reset(eventId: string): MirrorPosition {
    return new MirrorPosition(eventId, this.generation + 1, 'reset');
  }

  live(eventId: string): MirrorPosition {
    return new MirrorPosition(eventId, this.generation, 'live');
  }

  toString(): string {
    return `${this.eventId} ${this.generation} ${this.state}`;
  }
}
