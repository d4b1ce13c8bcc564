/**
 * The {@code oplog} command: one class a subcommand. Knows the server and the client; wires them.
 */
@NullMarked
package io.oplog.server.command;

import org.jspecify.annotations.NullMarked;
