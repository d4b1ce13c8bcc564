/** A real MongoDB server for tests, or what stands in for one. */
@NullMarked
package io.oplog.testkit.mongodb;

import org.jspecify.annotations.NullMarked;
