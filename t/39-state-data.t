#!/usr/bin/perl
# The state's tables with data in each: nothing is lost on the way up from any older version, nor on the way back to it.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Postgres;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused' if !$t->built('sidecar');
my $newest = 3;
# Tables that come with each version.
my %tables = (
    sqlite => {1 => [qw(revision secrets tokens)], 2 => [qw(datasets runs uploads)],
        3 => [qw(health_metrics health_steps silences system_alerts traffic_counters traffic_steps)]},
    postgres => {1 => [], 2 => [qw(datasets runs uploads)],
        3 => [qw(health_metrics health_steps silences system_alerts traffic_counters traffic_steps)]},
);
# Those that others refer to come first.
my %first = (datasets => 1, tokens => 1);
# A value of each type; what refers to another row by it finds that.
my %value = (integer => 7, bigint => 7, text => "'it''s'", real => 0.1, 'double precision' => 0.1, blob => "x'00ff'", bytea => q('\x00ff'));

sub migrate ($version) {
    my ($exit, $out, $err) = $t->run_sidecar('--migrate', $version);
    die "--migrate $version: $out$err" if $exit;
    return;
}

# sql: runs SQL, columns: those of a table, as "name type"; names: the tables there are.
sub walk ($what, $tables, $sql, $columns, $names, $prefix, $insert) {
    my $dump = sub (@tables) { return join "\n", map { "$_: " . $sql->("select * from $prefix$_ order by 1") } @tables };
    for my $from (1 .. $newest) {
        my @tables = sort map { @{$tables->{$_}} } 1 .. $from;
        migrate(0);
        migrate($from);
        is_deeply [$names->()], \@tables, "$what: the tables of version $from";
        for my $table (sort { ($first{$b} // 0) <=> ($first{$a} // 0) || $a cmp $b } @tables) {
            next if $table eq 'revision';    # has its row already
            my @columns = map { [split / /, $_, 2] } $columns->($table);
            $sql->("insert into $prefix$table (" . join(', ', map { $_->[0] } @columns) . ") $insert values ("
                . join(', ', map { $value{$_->[1]} // die "$table: a column of type $_->[1]" } @columns) . ')');
        }
        my $before = $dump->(@tables);
        unlike $before, qr/^\w+: $/m, 'each has data' if @tables;
        for my $to ($from + 1 .. $newest) {
            migrate($to);
            is $dump->(@tables), $before, "$what: from $from to $to nothing is lost";
            migrate($from);
            is $dump->(@tables), $before, 'nor on the way back';
        }
        my ($exit, $out) = $t->run_sidecar('--migrate');
        is $exit, 0, 'all the way at once' or diag $out;
        is $dump->(@tables), $before, "$what: from $from nothing is lost";
    }
    return;
}

sub config (%state) { return $t->sidecar_config({state => \%state, sources => {runs => {kind => 'dataset', runs => \1}}, cards => {}}) }
config(path => '%%DIR%%/state.db');
sub sqlite ($sql) {
    my ($exit, $out, $err) = $t->run_program(['sqlite3', $t->dir('state.db'), "pragma foreign_keys = on; $sql"]);
    die "$sql: $err" if $exit || length $err;
    return $out =~ s/\n\z//r;
}
walk('SQLite', $tables{sqlite}, \&sqlite,
    sub ($table) { return split /\n/, sqlite("select name || ' ' || lower(type) from pragma_table_info('$table')") },
    sub { return split /\n/, sqlite("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by 1") }, '', '');

SKIP: {
    skip 'PostgreSQL is not installed', 1 if !Gatehouse::Postgres->available;
    my $pg = Gatehouse::Postgres->new($t);
    $pg->start;
    config(url => $pg->url);
    walk('PostgreSQL', $tables{postgres}, sub ($sql) { return $pg->sql($sql) },
        sub ($table) { return split /\n/, $pg->sql("select column_name || ' ' || data_type from information_schema.columns where table_schema = 'gatehouse' and table_name = '$table' order by ordinal_position") },
        sub { return split /\n/, $pg->sql("select table_name from information_schema.tables where table_schema = 'gatehouse' and table_name <> 'schema_version' order by 1") },
        'gatehouse.', 'overriding system value');
    $pg->stop;
}
$t->done;
