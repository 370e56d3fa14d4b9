#!/usr/bin/perl
# Parameters of every type, given and by default, as the SQL of DuckDB, SQLite and PostgreSQL sees them; thousands of them, and long ones.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Postgres;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs nginx, gatehoused and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');
my $pg = Gatehouse::Postgres->available ? Gatehouse::Postgres->new($t) : undef;
$pg->start if $pg;
is +($t->run_program(['sqlite3', $t->dir('data.db'), 'create table one(n integer); insert into one values (1)']))[0], 0, 'a SQLite database';
$t->write_file('one.csv', "n\n1\n");

my %params = (
    i => {type => 'integer', default => -42}, n => {type => 'number', default => 2.5}, s => {type => 'string', default => "it's \$i", max_length => 1024},
    d => {type => 'date', default => '2024-02-29'}, ts => {type => 'datetime', default => '2024-02-29T12:00:00Z'},
    e => {type => 'enum', values => ['red', 'dark red'], default => 'dark red'}, b => {type => 'boolean', default => JSON::PP::true},
);
my %optional = map { $_ => {%{$params{$_}}, default => undef} } keys %params;
my %required = map { my %one = %{$params{$_}}; delete $one{default}; ($_ => \%one) } keys %params;
# What the SQL makes of a value tells its type too: a number that were text could not be halved.
my %sql = (
    duckdb => 'select $i + 1 as i, $n / 2 as n, $s || \'.\' as s, $d + 1 as d, $ts + interval 1 hour as ts, $e || \'.\' as e, not $b as b, typeof($d) as type from csv',
    sqlite => 'select $i + 1 as i, $n / 2 as n, $s || \'.\' as s, date($d, \'+1 day\') as d, datetime($ts, \'+1 hour\') as ts, $e || \'.\' as e, not $b as b, typeof($i) as type from one',
    postgres => 'select $i::int8 + 1 as i, $n::float8 / 2 as n, $s::text || \'.\' as s, $d::date + 1 as d, $ts::timestamptz + interval \'1 hour\' as ts, $e::text || \'.\' as e,'
        . ' not $b::boolean as b, pg_typeof($i::int8)::text as type',
);
# DuckDB knows no type of a NULL; the SQL says it where that counts.
my %sql_of_null = (%sql, duckdb => $sql{duckdb} =~ s/\$d \+/\$d::date +/r =~ s/\$ts \+/\$ts::timestamp +/r);
my %source = (duckdb => 'csv', sqlite => 'lite', $pg ? (postgres => 'pg') : ());
my %card = (ttl => '1h', shape => 'object', formats => ['json']);
my @kinds = sort keys %source;
$t->sidecar_config({
    sources => {csv => {kind => 'csv', path => '%%DIR%%/one.csv'}, lite => {kind => 'sqlite', path => '%%DIR%%/data.db'}, $pg ? (pg => {kind => 'postgres', url => $pg->url}) : ()},
    cards => {
        (map { ($_ => {path => "/$_", sources => [$source{$_}], sql => $sql{$_}, params => \%params, %card}) } @kinds),
        (map { ("optional_$_" => {path => "/optional/$_", sources => [$source{$_}], sql => $sql_of_null{$_}, params => \%optional, %card}) } @kinds),
        (map { ("required_$_" => {path => "/required/$_", sources => [$source{$_}], sql => $sql{$_}, params => \%required, %card}) } @kinds),
        stale => {path => '/stale', sources => ['csv'], sql => 'select n from csv', max_age => '1s', refresh => '1h', stale => '1h', shape => 'value'},
    }});
$t->start_sidecar;
$t->nginx_conf(<<'END');
    server {
        listen 127.0.0.1:%%PORT%%;
        large_client_header_buffers 4 256k;
        location / { gate_board on; proxy_pass http://unix:%%API%%:; }
    }
END
$t->start_nginx;
$t->wait_for_answer('/stale');

sub escaped ($text) { return join '', map { /[A-Za-z0-9_.~-]/ ? $_ : sprintf '%%%02X', ord } split //, $text }
sub at ($path, %query) { return $t->get($path . (%query ? '?' . join('&', map { "$_=" . escaped($query{$_}) } sort keys %query) : '')) }
sub yields ($path, $query, $expected, $what) {
    my $answer = at($path, %$query);
    is $answer->{status}, 200, "$what: 200" or return diag $answer->{body};
    my $found = decode_json($answer->{body});
    return is_deeply {map { $_ => ref $found->{$_} ? ($found->{$_} ? 'true' : 'false') : $found->{$_} } keys %$found}, $expected, $what;
}
my %form = (
    duckdb => {ts => sub ($day, $time) { "${day}T${time}" }, b => [qw(false true)], type => 'DATE'},
    sqlite => {ts => sub ($day, $time) { "$day $time" }, b => [0, 1], type => 'integer'},
    postgres => {ts => sub ($day, $time) { "${day}T${time}Z" }, b => [qw(false true)], type => 'bigint'},
);
my %given = (i => '9007199254740993', n => '-1e3', s => "x'; drop table one; --", d => '1999-12-31', ts => '2024-12-31T23:30:00+02:00', e => 'red', b => 'false');
for my $kind (@kinds) {
    my $form = $form{$kind};
    my %by_default = (i => -41, n => 1.25, s => "it's \$i.", d => '2024-03-01', ts => $form->{ts}->('2024-02-29', '13:00:00'), e => 'dark red.', b => $form->{b}[0], type => $form->{type});
    yields("/$kind", {}, \%by_default, "$kind: what is not asked for is the default");
    yields("/$kind", {i => 0}, {%by_default, i => 1}, "$kind: each for itself");
    my %asked = (i => '9007199254740994', n => '-500', s => "x'; drop table one; --.", d => '2000-01-01', ts => $form->{ts}->('2024-12-31', '22:30:00'), e => 'red.', b => $form->{b}[1], type => $form->{type});
    yields($_, \%given, \%asked, "$kind, $_: what is asked for counts") for "/$kind", "/optional/$kind", "/required/$kind";
    yields("/optional/$kind", {}, {(map { $_ => undef } keys %params), type => {duckdb => '"NULL"', sqlite => 'null'}->{$kind} // $form->{type}}, "$kind: a default of null is NULL");
    my $missing = at("/required/$kind");
    is $missing->{status}, 400, "$kind: without a default: 400";
    is_deeply [map { $_->{name} } @{decode_json($missing->{body})->{'invalid-params'}}], [sort keys %params], 'which names each';
    my %bad = (i => ['1.0', '', '1e3', '9223372036854775808'], n => ['NaN', 'Infinity', '1,5', '0x1'], d => ['2023-02-29', '2024-1-1', '2024-01-01T00:00:00Z'],
        ts => ['2024-01-01', '2024-01-01T00:00:00', '2024-01-01T24:00:00Z', '2024-01-01 00:00:00Z'], e => ['Red', '', 'red '], b => ['1', 'True', 'yes'], s => ['x' x 1025]);
    for my $name (sort keys %bad) {
        is_deeply [map { my $answer = at("/$kind", $name => $_); "$answer->{status} " . ($answer->{body} =~ /"invalid-params":\[\{"name":"$name"/ ? 'named' : $answer->{body}) } @{$bad{$name}}],
            [('400 named') x @{$bad{$name}}], "$kind: no $name";
    }
    is at("/$kind", s => $_)->{status}, 400, "$kind: bytes that are no text" for "\xff", "a\0b";
    yields("/$kind", {s => 'x' x 1024}, {%by_default, s => 'x' x 1024 . '.'}, "$kind: the longest text");
}

# --- more than anybody needs ---
my $many = $t->get('/duckdb?' . join '&', map { "p$_=1" } 1 .. 10_000);
cmp_ok $many->{status}, '>=', 400, 'ten thousand parameters are refused';
cmp_ok $many->{status}, '<', 500, 'as the request\'s fault' or diag $many->{body};
for my $path (map { ("/$_?s=" . 'x' x 65_536, "/$_?unknown=" . 'x' x 65_536, "/$_?i=" . '1' x 65_536) } @kinds) {
    my $long = $t->get($path);
    like $long->{status}, qr/^4(?:00|14|31)$/, substr($path, 0, 20) . '…: 64 KiB are refused' or diag $long->{body};
    cmp_ok length $long->{body}, '<', 4096, 'and not sent back';
}
is $t->get('/duckdb')->{status}, 200, 'the others are answered still';
is $pg->sql('select count(*) from pg_stat_activity where application_name = \'gatehouse\' and state = \'active\''), 0, 'and nothing is left over' if $pg;

# --- stale in the catalogue ---
my $stale = wait_for(sub { my ($card) = grep { $_->{name} eq 'stale' } @{decode_json($t->get('/gatehouse/cards')->{body})->{cards}}; $card->{stale} && $card }, 15, 'a stale card');
is_deeply [ref $stale->{stale}, $stale->{state}], ['JSON::PP::Boolean', 'stale'], 'a card past its max_age is stale in the catalogue';
$t->write_file('one.csv', "n\n5\n");
is +($t->ctl('card', 'refresh', 'stale'))[0], 0, 'computed again';
ok !(grep { $_->{name} eq 'stale' && $_->{stale} } @{decode_json($t->get('/gatehouse/cards')->{body})->{cards}}), 'it is not';
$pg->stop if $pg;
$t->done;
