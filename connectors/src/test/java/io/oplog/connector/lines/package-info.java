/** Lines as a sink, held against its kit. */
@NullMarked
package io.oplog.connector.lines;

import org.jspecify.annotations.NullMarked;
