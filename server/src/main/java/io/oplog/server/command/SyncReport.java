package io.oplog.server.command;

import io.oplog.client.sync.Report;
import io.oplog.client.sync.Report.Counts;
import io.oplog.protocol.Rfc3339;
import java.io.StringWriter;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What a sync did, for people and for machines. */
record SyncReport(Report report, boolean isDryRun) {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final String ROW = "%-20s %12s %12s %12s %12s %12s%n";

  /** A table of all types. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            ROW,
            "type",
            isDryRun ? "to insert" : "inserted",
            isDryRun ? "to update" : "updated",
            isDryRun ? "to delete" : "deleted",
            "left alone",
            "same"));
    report.types().forEach((type, counts) -> text.append(row(TerminalText.plain(type), counts)));
    text.append(row("all", report.total()));
    if (report.repeated() > 0) {
      text.append(
          String.format(Locale.ROOT, "%,d operations of others sent again%n", report.repeated()));
    }
    return text.append("the dump is taken to be of ")
        .append(Rfc3339.format(report.age()))
        .toString();
  }

  private static String row(String name, Counts counts) {
    return String.format(
        Locale.ROOT,
        ROW,
        name,
        number(counts.inserted()),
        number(counts.updated()),
        number(counts.deleted()),
        number(counts.leftAlone()),
        number(counts.same()));
  }

  private static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** One line of JSON. */
  String json() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeBooleanProperty("dry_run", isDryRun);
      json.writeStringProperty("dump_age", Rfc3339.format(report.age()));
      json.writeStringProperty("position", report.position().toString());
      json.writeNumberProperty("repeated", report.repeated());
      json.writeName("total");
      write(json, report.total());
      json.writeName("types");
      json.writeStartObject();
      report.types().forEach((type, counts) -> write(json, type, counts));
      json.writeEndObject();
      json.writeEndObject();
    }
    return TerminalText.json(text.toString());
  }

  private static void write(JsonGenerator json, String name, Counts counts) {
    json.writeName(name);
    write(json, counts);
  }

  private static void write(JsonGenerator json, Counts counts) {
    json.writeStartObject();
    json.writeNumberProperty("inserted", counts.inserted());
    json.writeNumberProperty("updated", counts.updated());
    json.writeNumberProperty("deleted", counts.deleted());
    json.writeNumberProperty("left_alone", counts.leftAlone());
    json.writeNumberProperty("same", counts.same());
    json.writeEndObject();
  }
}
