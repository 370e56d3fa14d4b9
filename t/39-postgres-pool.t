#!/usr/bin/perl
# Connections to a real PostgreSQL: their settings at the server, those beyond the pool, those that grow old; and NOTIFY
# for cards on demand.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Postgres;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs nginx, gatehoused and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');
plan skip_all => 'needs PostgreSQL' if !Gatehouse::Postgres->available;

my $pg = Gatehouse::Postgres->new($t);
$pg->start;
$pg->sql('create table runs(n int); insert into runs values (1)');

my %postgres = (kind => 'postgres', url => $pg->url);
my %card = (shape => 'object', max_age => '600s');
my $settings = q(select current_setting('application_name') as name, current_setting('statement_timeout') as timeout);
$t->sidecar_config({
    sources => {
        usual => {%postgres, pool_size => 1, max_overflow => 0},
        tuned => {%postgres, application_name => 'the board', statement_timeout => '300ms'},
        recycled => {%postgres, pool_size => 1, max_overflow => 0, recycle => '1s'},
        flowing => {%postgres, pool_size => 1, max_overflow => 1},
        notified => {%postgres, notify => 'changed'},
    },
    cards => {
        usual => {path => '/usual', sources => ['usual'], sql => "$settings, pg_backend_pid() as pid", refresh => '200ms', %card},
        tuned => {path => '/tuned', sources => ['tuned'], sql => $settings, refresh => '1h', %card},
        late => {path => '/late', sources => ['tuned'], sql => 'select pg_sleep(60)::text as s', timeout => '120s', refresh => '1h', %card},
        recycled => {path => '/recycled', sources => ['recycled'], sql => 'select pg_backend_pid() as pid', refresh => '200ms', %card},
        asked => {path => '/asked/{n}', sql => 'select $n::int as n, sum(n) as s from notified.runs', params => {n => 'integer'}, ttl => '1h', %card},
        map { ("flowing_$_" => {path => "/flowing/$_", sources => ['flowing'], sql => "select $_ as n, pg_sleep(4)::text as s", refresh => '1h', %card}) } 1 .. 2,
    }});
$t->start_sidecar;
$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { gate_board on; proxy_pass http://unix:%%DIR%%/api.sock:; } }');
$t->start_nginx;

sub pool ($source) { return (map { $_->{pool} } grep { $_->{name} eq $source } @{$t->ctl_json('source', 'list')->{sources}})[0] }
sub data ($path) { my $response = $t->get($path); return $response->{status} == 200 ? decode_json($response->{body}) : {} }

ok wait_for(sub { pool('flowing')->{overflow} == 1 }, 15, 'a connection beyond the pool'), 'max_overflow: a second query has a connection of its own';
is_deeply [@{pool('flowing')}{qw(size in_use waiting)}], [1, 2, 0], 'of one that is kept';
ok wait_for(sub { my $pool = pool('flowing'); $pool->{in_use} == 0 && $pool->{overflow} == 0 && $pool->{idle} == 1 }, 30, 'the end of both'), 'which is closed afterwards';

is_deeply [@{wait_for(sub { my $found = data('/usual'); $found->{pid} && $found }, 15, 'usual')}{qw(name timeout)}], ['gatehouse', '0'], 'as it is without settings';
is_deeply wait_for(sub { my $found = data('/tuned'); %$found && $found }, 15, 'tuned'), {name => 'the board', timeout => '300ms'}, 'application_name and statement_timeout';
my $failed = wait_for(sub { my $card = $t->ctl_json('card', 'show', 'late'); $card->{failure} && $card }, 15, 'failure of late');
like $failed->{failure}{error}, qr/source "tuned": .*statement timeout/, 'the server ends a statement after statement_timeout, long before the card\'s timeout';

my ($kept, $first) = map { data($_)->{pid} } '/usual', '/recycled';
ok wait_for(sub { data('/recycled')->{pid} != $first }, 15, 'another connection'), 'recycle: a connection grows old';
is data('/usual')->{pid}, $kept, 'and does not without';

# --- NOTIFY ---
is_deeply data('/asked/7'), {n => 7, s => 1}, 'a card on demand';
$pg->sql('insert into runs values (2); notify changed');
ok wait_for(sub { (data('/asked/7')->{s} // 0) == 3 }, 15, 'the new sum'), 'NOTIFY reaches cards on demand, however long their ttl';
$pg->stop;
$t->expect_in_logs(qr/card failed.*late/);
$t->done;
