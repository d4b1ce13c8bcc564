@NullMarked
package io.oplog.connector.mongodb;

import org.jspecify.annotations.NullMarked;
