/** Contract kits that every implementation of an interface runs, and what tests are made of. */
@NullMarked
package io.oplog.testkit;

import org.jspecify.annotations.NullMarked;
