#!/usr/bin/perl
# Cards with variants, explained: which is on the board, which would be computed, and who may have one. Nothing is computed, nor counted.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(api_token);
use Gatehouse::Explain qw(key_table explained step said);
use Gatehouse::Metrics qw(samples);

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my $key = 'k' x 32;
my ($ada, $bob) = map { api_token($_) } 'ADA00001', 'BOB00001';
my $publisher = $t->start_publisher;
$publisher->table('explain.key', key_table($key));
$publisher->tokens({token => $ada, user => 'ada', scopes => 'read write'}, {token => $bob, user => 'bob', scopes => 'read'});
$publisher->paths(['charts', '/api/runs/{id}/charts', 'limit'], ['secret', '/api/secret/{id}', '', 'read write']);
$publisher->variant('charts', '/api/runs/7/charts', json => '{"run":7}');
$publisher->variant('charts', '/api/runs/old/charts', json => '"old"', age_ms => 120_000);
$publisher->variant('secret', '/api/secret/1', json => '"secret"', require => 'read write');
$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    location /api/ { gate_board on; gate_compute @compute; gate_auth token; }
    location /nowhere/ { gate_board on; rewrite ^/nowhere(/.*) $1 break; }
    location @compute { proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /metrics { gate_metrics; }
}
server { listen 127.0.0.1:%%PORT1%%; access_log logs/compute.log; location / { return 200 "computed\n"; } }
END
$t->start_nginx;
wait_for(sub { $t->get('/api/runs/7/charts', Authorization => "Bearer $ada")->{status} == 200 }, 20, 'variants and tokens');
sub asked ($path, $token, $method = 'GET') { return explained($t->http, $key, $method, $path, fields => [Authorization => "Bearer $token"]) }
sub served () { my $all = samples($t->get('/metrics')->{body}); return {map { $_ => $all->{$_} } grep { /card_served/ } keys %$all} }
my $before = served();

is said(asked('/api/runs/7/charts', $bob)), 'admitted by card with 200', 'a variant that is on the board';
is step(asked('/api/runs/7/charts', $bob), 'card')->{facts}{card}, 'charts', 'of which card';
my $trace = asked('/api/runs/8/charts?limit=3', $bob);
is said($trace), 'admitted by content', 'one that is not';
is step($trace, 'card')->{reason}, 'the variant is not on the board: it would be computed', 'and what becomes of it';
is step(asked('/api/runs/old/charts', $bob), 'card')->{reason}, 'the variant is stale: it would be computed';
is said(asked('/api/secret/1', $bob)), 'refused by card with 403: insufficient_scope', 'who may not';
is said(asked('/api/secret/1', $ada)), 'admitted by card with 200', 'who may';
is said(asked('/api/secret/9', $bob)), 'refused by card with 403: insufficient_scope', 'also before it is computed';
is said(asked('/api/runs/8/charts', $ada, 'PUT')), 'refused by card with 405: only GET and HEAD';
is step(explained($t->http, $key, 'GET', '/nowhere/api/runs/8/charts'), 'card')->{reason}, 'the variant is not on the board: nobody computes it here';
is_deeply served(), $before, 'no counter has moved';
is $t->log_text('compute.log'), '', 'and nothing was computed';
$t->done;
