#!/usr/bin/perl
# SQL that wants more than its sources: files, networks, settings, for ever, gigabytes. Each card fails by itself.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

my $secret = $t->write_file('secret.csv', "password\nhunter2\n");
my $text = $t->write_file('secret.txt', 'hunter2');
my $json = $t->write_file('secret.json', '{"password":"hunter2"}');
$t->write_file('s.csv', "n,file\n1,$secret\n2,$text\n");
my $out = $t->dir('out');

my $files = qr/the SQL may read the card's sources only/;
my $query = qr/the SQL must be a query, such as SELECT/;
my $sources_only = qr/$files|$query/;
my %refused = (
    # files
    'read-csv' => ["select * from read_csv('$secret')", $files],
    'read-csv-list' => ["select * from read_csv(['$secret', '$secret'])", $files],
    'read-csv-glob' => ["select * from read_csv('$t->{dir}/*.csv')", $files],
    'read-csv-auto' => ["from read_csv_auto('/etc/passwd', header = false)", $files],
    'read-text' => ["select * from read_text('$text')", $files],
    'read-blob' => ["select * from read_blob('$text')", $files],
    'read-json' => ["select * from read_json('$json')", $files],
    'read-ndjson' => ["select * from read_ndjson_objects('$json')", $files],
    'read-parquet' => ["select * from read_parquet('$secret')", $files],
    'parquet-metadata' => ["select * from parquet_metadata('$secret')", $files],
    'glob' => ["select * from glob('/etc/*')", $files],
    'sniff' => ["select * from sniff_csv('$secret')", $files],
    'as-table' => ["select * from '$secret'", $files],
    'quoted-table' => ["select * from \"$secret\"", $files],
    'dots' => ["select * from read_text('$t->{dir}/x/../secret.txt')", $files],
    'proc' => ["select * from read_text('/proc/self/environ')", $files],
    'fd' => ["select * from read_text('/proc/self/fd/0')", $files],
    'home' => ["select * from read_text('~/.profile')", $files],
    'url-of-file' => ["select * from read_text('file://$text')", $files],
    'from-rows' => ["select (select content from read_text(file)) from s", qr/./],
    'variable' => ["select * from read_text(getvariable('x'))", qr/./],
    'query-function' => ["select * from query('select * from read_text(''$text'')')", qr/may not call query\(\)/],
    'query-table' => ["select * from query_table('$secret')", qr/./],
    # networks
    'http' => ["select * from read_csv('http://127.0.0.1:9/x.csv')", qr/$files|extension|not found/i],
    'https' => ["select * from 'https://example.com/x.parquet'", qr/$files|extension|not found/i],
    's3' => ["select * from read_parquet('s3://bucket/x.parquet')", qr/$files|extension|not found/i],
    # databases, extensions, settings
    'attach' => ["attach '$out' as x", $query],
    'attach-sqlite' => ["attach '$out' (type sqlite)", $query],
    'install' => ['install httpfs', $query],
    'load' => ['load httpfs', $query],
    'load-file' => ["load '$out'", $query],
    'set' => ["set enable_external_access = true", $query],
    'set-limit' => ["set memory_limit = '100GB'", $query],
    'reset' => ['reset lock_configuration', $query],
    'pragma' => ['pragma enable_profiling', $query],
    'call' => ["call pragma_table_info('s')", $query],
    'copy' => ["copy s to '$out'", $sources_only],
    'copy-query' => ["copy (select 1) to '$out' (format parquet)", $sources_only],
    'copy-from' => ["copy s from '$secret'", qr/$query|read the card's sources|not an? (?:base )?table|insert/i],
    'export' => ["export database '$out'", $sources_only],
    'import' => ["import database '$out'", $sources_only],
    'create' => ['create table x as select 1', $query],
    'macro' => ['create macro f() as 1', $query],
    'insert' => ['insert into s values (1)', qr/not an table/],
    'secret' => ["create secret (type s3, key_id 'a', secret 'b')", qr/Secret type 's3' does not exist/],
    'drop' => ['drop view s', $query],
    'begin' => ['begin', $query],
    'explain' => ['explain analyze select 1', $query],
    'prepare' => ['prepare x as select 1', $query],
    'execute' => ['execute x', qr/does not exist/],
    # DuckDB itself
    'enable-logging' => ["select * from enable_logging('QueryLog', storage = 'file', storage_path = '$out')", qr/may not call enable_logging\(\)/],
    'enable-logging-quoted' => ["from system.main.\"ENABLE_LOGGING\"('QueryLog')", qr/may not call enable_logging\(\)/],
    'disable-logging' => ['from disable_logging()', qr/may not call disable_logging\(\)/],
    'checkpoint' => ['from checkpoint()', qr/may not call checkpoint\(\)/],
    'serialized' => ['from json_execute_serialized_sql(json_serialize_sql(\'select 1\'))', qr/may not call json_execute_serialized_sql\(\)/],
    'address' => ['from arrow_scan(1::pointer, 2::pointer, 3::pointer)', qr/may not call arrow_scan\(\)/],
    # more than one, or none
    'two' => ["select 1; copy s to '$out'", qr/the SQL must be one statement, but has 2/],
    'comment' => ['-- nothing', qr/the SQL has no statement/],
    'parameter' => ['select * from read_text($file)', qr/\$file/],
    'numbered' => ['select $1', qr/parameter/],
    # functions that are not there, or say nothing
    'getenv' => ["select getenv('PATH')", qr/getenv/],
    'shell' => ["select * from shell('id')", qr/shell/],
    'other-source' => ['select * from other', qr/the SQL reads "other", but the card's only source is "s"/],
);

my $slow = qr/took longer than its "timeout" of 2s/;
my $large = qr/memory_limit|more than 500000 rows|larger than|too large|64 MiB|[Oo]ut of [Rr]ange|Maximum/;
my $bounded = qr/$slow|$large/;  # whichever comes first on this machine
my %runaway = (
    'recursion' => ['with recursive r(n) as (select 1 union all select n + 1 from r) select max(n) from r', $bounded],
    'recursion-growing' => ['with recursive r(n, t) as (select 1, \'x\' union all select n + 1, t || t from r) select max(n) from r', $bounded],
    'recursion-set' => ['with recursive r(n) as (select 1 union select n + 1 from r) select count(*) from r', $bounded],
    'series' => ['select count(*) from generate_series(1, 1000000000000) t(i) where i % 7 = 3', $bounded],
    'cross' => ['select count(*) from range(10000000) a, range(10000000) b where hash(a, b) = 0', $bounded],
    'rows' => ['select i, repeat(\'x\', 1000) as x from range(10000000) t(i)', $bounded],
    'ten-gigabytes' => ['select repeat(\'x\', 25000) as x from range(400000)', $bounded],
    'sort' => ['select * from (select i, md5(i::varchar) as m from range(200000000) t(i)) order by m limit 1', $bounded],
    'aggregate' => ['select count(*) from (select i from range(200000000) t(i) group by i)', $bounded],
    'list' => ['select len(list(i)) from range(200000000) t(i)', $bounded],
    'text' => ['select length(string_agg(repeat(\'x\', 1000), \'\')) from range(10000000)', $bounded],
    'unnest' => ['select count(*) from (select unnest(range(1000000)) from range(1000000))', $bounded],
    'regexp' => ['select count(*) from range(100000000) t(i) where regexp_matches(repeat(i::varchar, 50), \'(1+)+2(3+)+\')', $bounded],
);

my %cards = (
    live => {path => '/live', sql => 'select sum(n)::bigint as s from live', shape => 'value', refresh => '200ms'},
    # These say nothing secret.
    settings => {path => '/settings', sql => "select value from duckdb_settings() where name = 'enable_external_access'", shape => 'value'},
    secrets => {path => '/secrets', sql => 'select count(*) from duckdb_secrets()', shape => 'value'},
    databases => {path => '/databases', sql => 'pragma database_list'},
    current => {path => '/current', sql => "select current_setting('lock_configuration')", shape => 'value'},
);
my %asking = map { $_ => {path => "/$_", sql => $refused{$_}[0], sources => ['s']} } keys %refused;
my %running = map { $_ => {path => "/$_", sql => $runaway{$_}[0], timeout => '2s', formats => ['json']} } keys %runaway;
$t->write_file('live.csv', "n\n1\n");
$t->write_file('other.csv', "n\n1\n");
my ($limit, $bound) = (256, 640);  # MiB of the engine, and of the process
sub configure (%more) {
    $t->sidecar_config({
        engine => {memory_limit => "${limit}m", process_memory_limit => "${bound}m"},
        sources => {map { $_ => {kind => 'csv', path => "%%DIR%%/$_.csv"} } qw(s live other)},
        cards => {%cards, %more},
    });
    return;
}
configure(%asking);
$t->start_sidecar;

sub cards () { return map { $_->{name} => $_ } @{$t->ctl_json('card', 'list')->{cards}} }
sub value ($name) { return ($t->ctl('card', 'export', $name))[1] =~ s/\s+//gr }
sub peak () { return read_file('/proc/' . $t->sidecar_pid . '/status') =~ /^VmHWM:\s+(\d+)/m ? $1 / 1024 : die 'no VmHWM' }

my %card;
sub all_have_failed (@names) { return wait_for(sub { %card = cards(); !grep { !$card{$_} || !$card{$_}{failure} } @names }, 120, 'an outcome of every card') }
all_have_failed(keys %refused);
for my $name (sort keys %refused) {
    my $error = $card{$name}{failure}{error};
    like $error, $refused{$name}[1], "$name: refused";
    unlike $error, qr/hunter2/, "$name: says nothing of what it wanted";
}
wait_for(sub { value('databases') ne '' && value('settings') ne '' && value('secrets') ne '' && value('current') ne '' }, 30, 'the harmless ones');
is value('settings'), '"false"', 'access is off, and SQL may see that';
is value('secrets'), '0', 'there are no secrets';
unlike value('databases'), qr{/}, 'no database is a file';
like value('current'), qr/^"?true"?$/, 'the configuration is locked';
ok !-e $out, 'nothing was written';

# --- those that would go on for ever, or take everything, all at once ---
configure(%running);
$t->reload_sidecar;
all_have_failed(keys %runaway);
like $card{$_}{failure}{error}, $runaway{$_}[1], "$_: bounded" for sort keys %runaway;

# --- the others, while these are tried again and again ---
for my $n (2 .. 4) {
    $t->write_file('live.csv', "n\n$n\n");
    ok eval { wait_for(sub { value('live') eq $n }, 30, "live = $n") }, "a card beside them goes on: $n";
}
SKIP: {
    skip 'a sanitizer needs more memory than the bound', 1 if $t->sanitizer;
    my $peak = peak();
    diag sprintf 'peak: %.0f MiB of %d MiB', $peak, $bound + 150;
    cmp_ok $peak, '<', $bound + 150, 'memory at its peak: the bound of the process, and what is not data';
}
$t->done;
