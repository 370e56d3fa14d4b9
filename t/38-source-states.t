#!/usr/bin/perl
# How each kind of source is doing: gatehousectl source list and test, and the same in nginx's metrics.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::JsonApp;
use Gatehouse::Metrics qw(samples promtool);
use Test::More;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));
my $app = Gatehouse::JsonApp->start($t->port(1), $t->dir('app'));
$app->serve('stats', '[{"n":1,"name":"x"}]');

my $csv = "n,name\n1,x\n";
$t->write_file('c.csv', $csv);
$t->write_file('j.json', '[{"n":1,"name":"x"}]');
my ($exit, $out) = $t->run_program(['sqlite3', $t->dir('s.db'), "create table t(n integer, name text); insert into t values (1, 'x')"]);
is $exit, 0, 'a SQLite file' or diag $out;

my $key = 'a-secret-of-the-url';
my %source = (
    csv => {kind => 'csv', path => '%%DIR%%/c.csv'},
    parquet => {kind => 'parquet', path => '%%DIR%%/datasets/data/*.parquet'},
    json => {kind => 'json', path => '%%DIR%%/j.json'},
    sqlite => {kind => 'sqlite', path => '%%DIR%%/s.db', table => 't', pool_size => 2},
    http => {kind => 'http', url => "http://127.0.0.1:%%PORT1%%/stats?key=$key", every => '200ms', allow_private => \1},
    data => {kind => 'dataset'},
    runs => {kind => 'dataset', runs => \1},
    unread => {kind => 'csv', path => '%%DIR%%/c.csv'},
);
my @read = grep { $_ ne 'unread' } sort keys %source;
my %cards = map { $_ => {path => "/$_", sql => "select * from $_", refresh => '200ms'} } @read;
$cards{asked} = {path => '/asked/{n}', sql => 'select * from csv where n = $n', params => {n => 'integer'}};
$t->sidecar_config({state => {path => '%%DIR%%/state.db'}, sources => \%source, cards => \%cards});
$t->start_sidecar;
$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    location / { gate_board on; gate_compute @compute; }
    location @compute { proxy_pass http://unix:%%API%%:; }
    location = /metrics { gate_metrics; }
}
END
$t->start_nginx;

sub listed () { return {map { $_->{name} => $_ } @{$t->ctl_json('source', 'list')->{sources}}} }
sub metric ($series) { return samples($t->get('/metrics')->{body})->{$series} }
sub comes_to ($series, $value, $what = "$series is $value") {
    ok eval { wait_for(sub { (metric($series) // 'nothing') eq $value }, 20, $what) }, $what or diag metric($series) // 'nothing';
    return;
}

# --- data for what has none: until then a dataset is down, and so is what reads its files ---
for my $empty (qw(data runs)) {
    # Runs are kept in the state, which is opened while everything else goes on.
    my @put = (qw(dataset put), $empty, $t->dir('c.csv'), $empty eq 'runs' ? qw(--append --run-name first) : ());
    ok wait_for(sub { ($t->ctl(@put))[0] == 0 }, 20, "$empty gets rows"), "$empty gets rows";
}
comes_to(qq(gatehouse_source_up{source="$_"}), 1) for @read;
is metric('gatehouse_source_up{source="unread"}'), undef, 'nothing is said of a source that nobody has read';

# --- source list ---
my $list = listed();
for my $name (@read) {
    ok $list->{$name}{up}, "$name is up";
    like $list->{$name}{read_at}, qr/^\d{4}-\d\d-\d\dT/, "$name: when it was read";
}
ok !exists $list->{unread}{up}, 'unread: neither up nor down';
is_deeply [sort keys %{$list->{sqlite}{pool}}], [sort qw(size in_use idle overflow waiting wait_seconds)], 'a database has a pool';
is $list->{sqlite}{pool}{size}, 2, 'of its size';
ok !exists $list->{csv}{pool}, 'a file has none';
my $table = ($t->ctl('source', 'list'))[1];
like $table, qr/^NAME +KIND +WATCH +STATE +READ +CONNECTIONS +CARDS +FROM$/m, 'source list as a table';
like $table, qr/^sqlite +sqlite +yes +up +\d+ m?s ago +\d of 2, \d idle +sqlite +\S+s\.db$/m, 'a database in it';
like $table, qr/^unread +csv +yes +- +- +- +\S+c\.csv$/m, 'a source that nobody has read';

# --- source test ---
my %columns = (
    (map { $_ => 'n BIGINT, name VARCHAR' } qw(csv json parquet http data sqlite)),
    runs => 'runs.id BIGINT, runs.name VARCHAR, runs.time TIMESTAMP, runs.parameters VARCHAR, runs_rows.run_id BIGINT, runs_rows.n BIGINT, runs_rows.name VARCHAR');
for my $name (sort keys %columns) {
    my $tested = $t->ctl_json('source', 'test', $name);
    is join(', ', map { "$_->{name} $_->{type}" } @{$tested->{columns}}), $columns{$name}, "source test $name: columns";
}
is $t->ctl_json('source', 'test', 'unread')->{ok}, 1, 'what no card reads can be tested';
comes_to('gatehouse_source_up{source="unread"}', 1, 'which counts as a read');

# --- refreshes ---
is $t->get('/asked/1')->{status}, 200, 'a card is asked for';
comes_to('gatehouse_refresh_total{card="asked",outcome="published"}', 1);
is metric('gatehouse_refresh_total{card="csv",outcome="failed"}'), 0, 'a card that never failed';
cmp_ok metric('gatehouse_refresh_total{card="csv",outcome="published"}'), '>=', 1, 'but was published';
comes_to('gatehouse_source_connections{source="sqlite",state="in_use"}', 0);
like metric('gatehouse_refresh_duration_seconds{card="csv"}'), qr/^\d+(?:\.\d+)?$/, 'how long it took';
is promtool($t, $t->get('/metrics')->{body}), '', 'promtool check metrics finds nothing';

# --- down, and why; the same in all of them ---
rename $t->dir('c.csv'), $t->dir('away.csv');
rename $t->dir('j.json'), $t->dir('away.json');
rename $t->dir('s.db'), $t->dir('away.db');
$app->stop;
for my $name (qw(csv json sqlite http)) {
    comes_to(qq(gatehouse_source_up{source="$name"}), 0);
}
wait_for(sub { metric('gatehouse_refresh_total{card="csv",outcome="failed"}') > 0 }, 20, 'failures');
pass 'failed computations are counted';
$list = listed();
ok !$list->{$_}{up} && length $list->{$_}{error}, "$_ is down, with a reason" for qw(csv json sqlite http);
like $list->{csv}{error}, qr/c\.csv: no such file/, 'a file says which';
ok $list->{$_}{up}, "$_ stays up" for qw(parquet data runs);
($exit, undef, my $why) = $t->ctl('source', 'test', 'sqlite');
is $exit, 1, 'source test of one that is down';
like $why, qr/s\.db/, 'with the reason';
is promtool($t, $t->get('/metrics')->{body}), '', 'promtool check metrics finds nothing then';

# --- and up again; the last error stays known ---
rename $t->dir('away.csv'), $t->dir('c.csv');
rename $t->dir('away.db'), $t->dir('s.db');
comes_to(qq(gatehouse_source_up{source="$_"}), 1) for qw(csv sqlite);
$list = listed();
ok !exists $list->{csv}{error}, 'up again there is no reason';
like $list->{csv}{last_error}, qr/no such file/, 'but the last error';
like $list->{csv}{last_error_at}, qr/^\d{4}-/, 'and its time';

# --- the key of a URL is nowhere ---
my ($status, $dump) = $t->run_sidecar('-T');
is $status, 0, '-T';
my $shown = join "\n", $dump, map { ($t->ctl(@$_))[1] } [qw(source list)], [qw(-o json source list)], [qw(status)], [qw(-o json status)], [qw(card list)];
unlike $shown, qr/\Q$key/, 'neither in -T nor in what gatehousectl says';
unlike $t->log_text('sidecar.log'), qr/\Q$key/, 'nor in the log';
is $list->{http}{url}, 'http://127.0.0.1:' . $t->port(1) . '/stats', 'the rest of it is in source list';
$t->write_file('bad.json', qq({"sources": {"a": {"kind": "http", "url": "http://user:$key\@127.0.0.1/", "evry": "1s"}}, "cards": {}}));
($exit, $out, my $said) = $t->run_program([$t->build . '/gatehoused', '-t', '-c', $t->dir('bad.json')]);
is $exit, 3, 'a password in a URL is refused';
unlike "$out$said", qr/\Q$key/, 'without being shown';

# --- a source that is another one, or gone, begins anew ---
delete $source{json};
delete $cards{json};
$source{csv}{types} = {n => 'DOUBLE'};
$t->sidecar_config({state => {path => '%%DIR%%/state.db'}, sources => \%source, cards => \%cards});
is +($t->ctl('reload', '--wait'))[0], 0, 'another configuration';
wait_for(sub { !defined metric('gatehouse_source_up{source="json"}') }, 10, 'the series');
pass 'what is gone is no series any more';
comes_to('gatehouse_source_up{source="csv"}', 1);

$t->expect_in_logs(qr/card failed/, qr/source not fetched/);
$t->done;
