/**
 * Crashes: the built program is killed, its power is cut, its disk fails or is full, always under
 * load, and whatever it acknowledged is then looked for. {@link io.oplog.server.crash.Trial} is the
 * frame of them, {@link io.oplog.server.crash.LogCheck} what is looked at.
 */
@NullMarked
package io.oplog.server.crash;

import org.jspecify.annotations.NullMarked;
