/** What every source and every sink of a relay must do. */
@NullMarked
package io.oplog.testkit.relay;

import org.jspecify.annotations.NullMarked;
