package Gatehouse::Metrics;

# Metrics as tests see them: read, and judged by others' programs.

use v5.36;
use Exporter 'import';

our @EXPORT_OK = qw(samples families promtool openmetrics fallen);

# {name{labels} => value} of a text in Prometheus' format.
sub samples ($text) {
    return {map { /^([^#\s]\S*?(?:\{.*\})?) (\S+)$/ ? ($1 => $2) : () } split /\n/, $text};
}

# {name => type}
sub families ($text) { return {$text =~ /^# TYPE (\S+) (\S+)$/mg} }

# The series of counters and histograms that are lower, or gone, in the later of two texts.
sub fallen ($before, $after) {
    my ($old, $new) = (samples($before), samples($after));
    return grep { /_(?:total|bucket|sum|count)\b/ && ($new->{$_} // -1) < $old->{$_} } sort keys %$old;
}

sub judge ($t, $text, @command) {
    my $file = $t->write_file('metrics.txt', $text);
    my ($exit, $out, $err) = $t->run_program(['bash', '-c', '"$@" < "$0"', $file, @command]);
    return ($exit, $out, $err);
}

# What promtool has against it: nothing, or its words.
sub promtool ($t, $text) {
    my ($exit, $out, $err) = judge($t, $text, qw(promtool check metrics));
    return $exit == 0 ? "$out$err" : "exit $exit: $out$err";
}

# (number of families, what the reference parser has against it)
sub openmetrics ($t, $text) {
    my ($exit, $out, $err) = judge($t, $text, '/usr/bin/python3', '-c', <<'END');
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
print(len(list(text_string_to_metric_families(sys.stdin.read()))))
END
    return $exit == 0 ? ($out + 0, '') : (0, $err);
}

1;
