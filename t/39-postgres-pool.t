#!/usr/bin/perl
# Connections to a real PostgreSQL: their settings at the server, those beyond the pool, those that grow old or fall silent,
# what metrics say of them; and NOTIFY for cards on demand.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Metrics qw(samples);
use Gatehouse::Postgres;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs nginx, gatehoused and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');
plan skip_all => 'needs PostgreSQL' if !Gatehouse::Postgres->available;

my $pg = Gatehouse::Postgres->new($t);
$pg->start;
$pg->sql('create table runs(n int); insert into runs values (1); create table held(n int); insert into held values (5)');

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
        pinged => {%postgres, pool_size => 1, max_overflow => 0, application_name => 'pinged'},
        unpinged => {%postgres, pool_size => 1, max_overflow => 0, application_name => 'unpinged', pre_ping => \0},
        crowded => {%postgres, pool_size => 1, max_overflow => 1},
    },
    cards => {
        usual => {path => '/usual', sources => ['usual'], sql => "$settings, pg_backend_pid() as pid", refresh => '200ms', %card},
        tuned => {path => '/tuned', sources => ['tuned'], sql => $settings, refresh => '1h', %card},
        late => {path => '/late', sources => ['tuned'], sql => 'select pg_sleep(60)::text as s', timeout => '120s', refresh => '1h', %card},
        recycled => {path => '/recycled', sources => ['recycled'], sql => 'select pg_backend_pid() as pid', refresh => '200ms', %card},
        asked => {path => '/asked/{n}', sql => 'select $n::int as n, sum(n) as s from notified.runs', params => {n => 'integer'}, ttl => '1h', %card},
        (map { ($_ => {path => "/$_", sources => [$_], sql => 'select pg_backend_pid() as pid', timeout => '8s', refresh => '1h', %card}) } qw(pinged unpinged)),
        (map { ("crowded_$_" => {path => "/crowded/$_", sources => ['crowded'], sql => "select $_ + n as n from held", timeout => '120s', refresh => '1h', %card}) } 1 .. 2),
        both => {path => '/both', sql => 'select count(*) + sum(h.n) as n from crowded.held h, notified.runs', timeout => '120s', refresh => '1h', %card},
        map { ("flowing_$_" => {path => "/flowing/$_", sources => ['flowing'], sql => "select $_ as n, pg_sleep(4)::text as s", refresh => '1h', %card}) } 1 .. 2,
    }});
$t->start_sidecar;
$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { gate_board on; proxy_pass http://unix:%%DIR%%/api.sock:; } location = /metrics { gate_metrics; } }');
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

# --- one that has fallen silent ---
# Its backend is stopped, as if a firewall had forgotten it: the connection is there, and nothing comes back.
sub silence ($card) {
    my $pid = wait_for(sub { data("/$card")->{pid} }, 15, $card);
    wait_for(sub { $pg->sql("select state = 'idle' and now() - state_change > interval '1100 ms' from pg_stat_activity where pid = $pid") eq 't' }, 15, 'an idle connection');
    kill 'STOP', $pid or die "kill: $!";
    return $pid;
}
sub is_gone ($pid) { return $pg->sql("select count(*) from pg_stat_activity where pid = $pid") eq '0' }
my $silent = silence('pinged');
is +($t->ctl('card', 'refresh', 'pinged'))[0], 0, 'pre_ping: a connection that does not answer is not used';
isnt data('/pinged')->{pid}, $silent, 'but another';
kill 'CONT', $silent;
ok wait_for(sub { is_gone($silent) }, 15, 'its end'), 'and is closed';
$silent = silence('unpinged');
my ($exit, undef, $err) = $t->ctl('card', 'refresh', 'unpinged');
is $exit, 1, 'without pre_ping the card waits for it in vain';
like $err, qr/took longer than its "timeout"/, 'until its timeout';
is data('/unpinged')->{pid}, $silent, 'and keeps its data';
kill 'CONT', $silent;
is +($t->ctl('card', 'refresh', 'unpinged'))[0], 0, 'then it is well again';
my $ended = data('/unpinged')->{pid};
isnt $ended, $silent, 'over another';
$pg->sql("select pg_terminate_backend($ended)");
wait_for(sub { is_gone($ended) }, 15, 'the end of a backend');
is +($t->ctl('card', 'refresh', 'unpinged'))[0], 1, 'without pre_ping a connection that was ended fails a card';
is +($t->ctl('card', 'refresh', 'unpinged'))[0], 0, 'once';

# --- metrics ---
sub metric ($name) { return samples($t->get('/metrics')->{body})->{"gatehouse_source_connections$name"} // 'absent' }
sub becomes ($name, $value) {
    my $ok = eval { wait_for(sub { metric($name) eq $value }, 15, $name) };
    return ok($ok, "gatehouse_source_connections$name $value") || diag 'but ' . metric($name);
}
my %in = map { $_ => qq({source="crowded",state="$_"}) } qw(in_use idle);
my $of = '{source="crowded"}';
is data("/crowded/$_")->{n}, 5 + $_, "the first data of crowded $_" for 1 .. 2;
wait_for(sub { defined data('/both')->{n} }, 15, 'the first data of both');
becomes($in{in_use}, 0);
becomes($in{idle}, 1);
my $waited = metric("_wait_seconds_total$of");
my $lock = $pg->session('begin; lock table held in access exclusive mode;');
wait_for(sub { $pg->sql("select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'held'::regclass") eq '1' }, 10, 'the lock');
sub begin ($name, @command) { return $t->spawn(name => $name, log => "$name.log", command => [$t->build . '/gatehousectl', '-s', $t->control_path, @command]) }
my @working = map { begin("refresh$_", 'card', 'refresh', "crowded_$_") } 1 .. 2;
becomes($in{in_use}, 2);
# Of the cards over this database alone no more are computed at once than it has connections.
push @working, begin('both', 'card', 'refresh', 'both');
becomes($in{idle}, 0);
becomes("_overflow$of", 1);
becomes("_waiting$of", 1);
is_deeply [@{pool('crowded')}{qw(size in_use idle overflow waiting)}], [1, 2, 0, 1, 1], 'as source list says';
close $lock;
is $_->wait(30), 'exit 0', 'without the lock all are computed' for @working;
becomes("_waiting$of", 0);
becomes("_overflow$of", 0);
becomes($in{in_use}, 0);
becomes($in{idle}, 1);
ok wait_for(sub { metric("_wait_seconds_total$of") > $waited }, 10, 'the time'), 'the time that one waited is counted';

# --- NOTIFY ---
is_deeply data('/asked/7'), {n => 7, s => 1}, 'a card on demand';
$pg->sql('insert into runs values (2); notify changed');
ok wait_for(sub { (data('/asked/7')->{s} // 0) == 3 }, 15, 'the new sum'), 'NOTIFY reaches cards on demand, however long their ttl';
$pg->stop;
$t->expect_in_logs(qr/card failed.*(?:late|unpinged)/);
$t->done;
