package io.oplog.server.command;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The values of an option that make sense: a number, a size or a time. The bounds are written as
 * the option's value is. {@link RangeCheck} holds them.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface Within {
  String least();

  String most();
}
