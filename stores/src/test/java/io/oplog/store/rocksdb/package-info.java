/** Tests of the RocksDB store. */
@NullMarked
package io.oplog.store.rocksdb;

import org.jspecify.annotations.NullMarked;
