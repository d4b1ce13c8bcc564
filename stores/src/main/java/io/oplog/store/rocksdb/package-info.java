/**
 * The embedded store on RocksDB. {@link io.oplog.store.rocksdb.RocksStore} is the entry; its design
 * block is the map of this package.
 */
@NullMarked
package io.oplog.store.rocksdb;

import org.jspecify.annotations.NullMarked;
