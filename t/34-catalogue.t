#!/usr/bin/perl
# The catalogue of cards and their OpenAPI description, through nginx: what they say, and that a linter finds no fault.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused' if !$t->built('module', 'sidecar', 'ctl');

$t->write_file('stats.csv', "id,name,value\n1,a,1.5\n2,b,2.5\n");
$t->sidecar_config({
    sources => {stats => {kind => 'csv', path => '%%DIR%%/stats.csv'}, missing => {kind => 'csv', path => '%%DIR%%/missing.csv'}},
    cards => {
        stats => {path => '/api/stats', sql => 'select * from stats', query => ['limit', 'sort']},
        one => {path => '/api/stats/{id}', sql => 'select * from stats where id = $id', params => {id => {type => 'integer', minimum => 1, description => 'Which one.'},
            day => {type => 'date', default => undef}, kind => {type => 'enum', values => ['x', 'y'], default => 'x'}}, empty => 'not_found', shape => 'object', require => ['read']},
        count => {path => '/api/count', sql => 'select count(*) as n from stats', shape => 'value', formats => ['json'], refresh => '1h'},
        pairs => {path => '/api/pairs', sql => 'select id, value from stats', shape => 'series'},
        nested => {path => '/api/nested', sql => "select {'a': 1, 'b': [date '2024-01-01']} as s", shape => 'columns'},
        broken => {path => '/api/broken', sql => 'select * from missing'},
    }});
$t->start_sidecar;
$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    location / { gate_board on; proxy_pass http://unix:%%DIR%%/api.sock:; }
}
END
$t->start_nginx;
$t->wait_for_answer('/api/stats');
$t->expect_in_logs(qr/card failed/);
wait_for(sub { ($t->ctl_json('card', 'show', 'broken')->{state} // '') eq 'failed' }, 10, 'the failure');

# --- the catalogue ---
my $answer = $t->get('/gatehouse/cards');
is $answer->{status}, 200, 'the catalogue';
my %card = map { $_->{name} => $_ } @{decode_json($answer->{body})->{cards}};
is_deeply [sort keys %card], [sort qw(stats one count pairs nested broken)], 'has every card';
is $card{stats}{rows}, 2, 'rows';
is $card{stats}{state}, 'fresh', 'state';
like $card{stats}{last_refresh}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'last refresh';
ok $card{stats}{bytes} > 0, 'bytes';
ok !$card{stats}{stale}, 'not stale';
ok $card{count}{next_refresh} gt $card{count}{last_refresh}, 'next refresh';
is $card{broken}{state}, 'failed', 'a card that failed';
like $card{broken}{reason}, qr/missing\.csv/, 'and why';
is $card{one}{state}, 'on_demand', 'a card on demand';
is $card{one}{variants}, 0, 'without answers yet';

# --- OpenAPI ---
my $raw = $t->get('/gatehouse/openapi.json');
is $raw->{header}{'content-type'}, 'application/json', 'OpenAPI: the type';
my $api = decode_json($raw->{body});
is $api->{openapi}, '3.1.0', 'the version';
is_deeply [sort keys %{$api->{paths}}], [sort qw(/api/stats /api/stats/{id} /api/count /api/pairs /api/nested /api/broken)], 'every path';
my $get = $api->{paths}{'/api/stats'}{get};
is_deeply $get->{responses}{200}{content}{'application/json'}{schema},
    {type => 'array', items => {type => 'object', required => [qw(id name value)], properties => {
        id => {type => ['integer', 'null'], format => 'int64'}, name => {type => ['string', 'null']}, value => {type => ['number', 'null'], format => 'double'}}}},
    'the schema of records';
is_deeply [map { $_->{name} } @{$get->{parameters}}], [qw(sort limit format)], 'options are parameters';
my %of = map { $_->{name} => $_ } @{$api->{paths}{'/api/stats/{id}'}{get}{parameters}};
is_deeply $of{id}, {name => 'id', in => 'path', required => JSON::PP::true, description => 'Which one.', schema => {type => 'integer', format => 'int64', minimum => 1}}, 'a parameter of the path';
is_deeply $of{kind}{schema}, {type => 'string', enum => ['x', 'y'], default => 'x'}, 'an enumeration';
is_deeply $of{day}, {name => 'day', in => 'query', required => JSON::PP::false, schema => {type => 'string', format => 'date'}}, 'an optional one';
is_deeply [sort keys %{$api->{paths}{'/api/stats/{id}'}{get}{responses}}], [qw(200 304 400 401 403 404 429 503)], 'what it may answer';
is_deeply $api->{paths}{'/api/count'}{get}{responses}{200}{content}{'application/json'}{schema}, {type => ['integer', 'null'], format => 'int64'}, 'the schema of a value';
unlike $raw->{body}, qr/select|stats\.csv|missing/, 'no SQL and no file';

# --- a linter of its own makers ---
my $linter = Gatehouse::root() . '/t/tools/lint-openapi.js';
my $file = $t->write_file('openapi.json', $raw->{body});
local $ENV{NODE_PATH} = Gatehouse::root() . '/build/third_party/node_modules';
my ($exit, $out, $err) = $t->run_program(['node', $linter, $file]);
is $exit, 0, 'the linter finds no fault' or diag $out, $err;
my $bad = $t->write_file('bad.json', $raw->{body} =~ s/"operationId":"[a-z]+",//r =~ s/"responses"/"respnses"/r);
is +($t->run_program(['node', $linter, $bad]))[0], 1, 'and would find one';
$t->done;
