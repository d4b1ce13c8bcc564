@NullMarked
package io.oplog.server.http;

import org.jspecify.annotations.NullMarked;
