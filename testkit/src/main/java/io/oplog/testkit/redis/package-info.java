/** Redis servers for tests. */
@NullMarked
package io.oplog.testkit.redis;

import org.jspecify.annotations.NullMarked;
