/** The waits of a {@link RetryPolicy}, in milliseconds. */
export interface RetryWaits {
  /** The longest wait after the first failure. */
  first: number;
  /** The longest wait of all. */
  longest: number;
  /** How long failures may go on without a success in between; 0 never gives up. */
  giveUpAfter: number;
}

const LEAST = 100;

/**
 * How long to wait before the next attempt, and when to give up. The wait doubles with each failure
 * and is then shortened at random by up to a half, so that clients which lost one server together
 * do not come back together.
 */
export class RetryPolicy implements RetryWaits {
  readonly first: number;
  readonly longest: number;
  readonly giveUpAfter: number;

  /** Starts with a second, waits half a minute at most, and never gives up. */
  static readonly FOREVER = new RetryPolicy({ first: 1000, longest: 30_000, giveUpAfter: 0 });

  /** For one who waits for the end: quicker, and gives up. */
  static readonly BRIEF = new RetryPolicy({ first: 250, longest: 4000, giveUpAfter: 60_000 });

  constructor({ first, longest, giveUpAfter }: RetryWaits) {
    if (!(0 <= first && first <= longest && 0 <= giveUpAfter)) {
      throw new RangeError(
        `must be 0 <= first <= longest, 0 <= giveUpAfter: ` +
          `first=${first} longest=${longest} giveUpAfter=${giveUpAfter}`,
      );
    }
    this.first = first;
    this.longest = longest;
    this.giveUpAfter = giveUpAfter;
  }

  /**
   * The same patience, but the first wait that a server asked for: at least a tenth of a second, or
   * our own first wait if that is shorter, so that no server makes its clients come back at once
   * for ever; and at most the longest.
   */
  startingWith(millis: number): RetryPolicy {
    const least = Math.min(this.first, LEAST);
    const first = Math.min(this.longest, Math.max(least, millis));
    return new RetryPolicy({ ...this, first });
  }

  /**
   * The wait before the next attempt.
   *
   * @param failures how many attempts failed since the last success, at least 1
   */
  delay(failures: number, random: () => number = Math.random): number {
    const bounded = Math.min(this.first * 2 ** Math.min(failures - 1, 20), this.longest);
    return bounded - (random() * bounded) / 2;
  }
}
