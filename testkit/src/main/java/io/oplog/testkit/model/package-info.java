/**
 * A seeded test of a store against a simple model: {@link io.oplog.testkit.model.ModelRun} does
 * random things to a store, and consumers that are cut at random must end up with what the model
 * holds.
 */
@NullMarked
package io.oplog.testkit.model;

import org.jspecify.annotations.NullMarked;
