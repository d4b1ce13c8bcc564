/**
 * Where the value of an option comes from, and what the values mean: flags, environment, a file;
 * durations, sizes, addresses, secrets.
 */
@NullMarked
package io.oplog.server.config;

import org.jspecify.annotations.NullMarked;
