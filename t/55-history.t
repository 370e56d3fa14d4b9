#!/usr/bin/perl
# History: traffic by endpoint and results of checks, counted once each, over restarts and kill -9, in SQLite and PostgreSQL.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Postgres;
use IO::Socket::INET;
use IPC::Open2 qw(open2);
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));

my $totals = "select endpoint, requests, errors, refused, bytes from %s_total where endpoint in ('ok', 'bad', 'few', 'closed') order by endpoint";
sub configure (%more) {
    return $t->sidecar_config({
        sources => {
            hour => {kind => 'history'},
            now => {kind => 'history', last => '5m', step => '1s'},
            $more{state} ? (events => {kind => 'history', of => 'results'}) : (),
            $more{state} ? (availability => {kind => 'history', of => 'checks', last => '7d'}) : ()},
        cards => {
            hour => {path => '/hour', sql => sprintf $totals, 'hour'},
            steps => {path => '/steps', sql => "select cast(sum(requests) as bigint) as requests, count(distinct time) as steps from hour where endpoint = 'ok'", shape => 'object'},
            all => {path => '/all', sql => 'select time, requests, per_second, mean, p50, p95, p99 from hour_all'},
            now => {path => '/now', sql => sprintf $totals, 'now'},
            $more{state} ? (events => {path => '/events', sql => 'select metric, status, message from events order by time'}) : (),
            $more{state} ? (availability => {path => '/availability', sql => 'select * from availability'}) : ()},
        checks => {file => {kind => 'file', path => '%%DIR%%/here', interval => '1s'}},
        %more});
}
$t->nginx_conf(<<'END');
gate_limit_zone $remote_addr zone=few:128k quota="4/day";
gate_limit_log_level info;
server {
    listen 127.0.0.1:%%PORT%%;
    gate_route cards;
    location / { gate_board on; }
    location /ok { gate_route ok; empty_gif; }
    location /bad { gate_route bad; return 503; }
    location /few { gate_route few; gate_limit zone=few; empty_gif; }
    location /closed { gate_route closed; gate_auth token; empty_gif; }
}
END

# What was sent, as a client counts it: by endpoint requests, 5xx, refusals, and every byte of the answers.
my %sent;
sub send_to ($endpoint, $count) {
    for (1 .. $count) {
        my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . $t->port) or die "connect: $!";
        print {$socket} "GET /$endpoint HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        my $answer = do { local $/; readline $socket };
        my ($status) = $answer =~ m{^HTTP/1\.1 (\d+)} or die "answer: $answer";
        my $row = $sent{$endpoint} //= {endpoint => $endpoint, map { $_ => 0 } qw(requests errors refused bytes)};
        $row->{requests}++;
        $row->{errors}++ if $status >= 500;
        $row->{refused}++ if $status == 429 || $status == 401;
        $row->{bytes} += length $answer;
    }
    return;
}
sub expected { return [map { $sent{$_} } sort keys %sent] }
my $json = JSON::PP->new->canonical;
sub shows ($path, $wanted, $what, $timeout = 30) {
    my $text = $json->encode($wanted);
    my $last = '';
    my $same = eval {
        wait_for(sub {
            my $answer = $t->get($path);
            return 0 if $answer->{status} != 200;
            $last = $json->encode(decode_json($answer->{body}));
            return $last eq $text;
        }, $timeout, $path);
    };
    return ok($same, $what) || diag "$path: $last\nwanted: $text";
}

# --- without state: the last minutes, in memory ---
configure();
my ($exit, $out, $err) = $t->run_sidecar('-t');
is $exit, 0, 'without state traffic is remembered for some minutes';
like "$out$err", qr/warning: .*history is kept in memory only, for 5m/, 'and a source that goes further back is warned of';
$t->start_sidecar;
$t->start_nginx;
$t->wait_in_step;
send_to(ok => 3);
send_to(bad => 2);
shows('/now', expected(), 'a second later it is there');
shows('/hour', expected(), 'and in steps of ten seconds, too');
$t->stop_nginx;
$t->stop_sidecar;
unlink $t->board_path;

# --- state in SQLite ---
%sent = ();
$t->write_file('here', 'x');
configure(state => {path => '%%DIR%%/state.db'});
$t->start_sidecar;
$t->start_nginx;
$t->wait_in_step;
send_to(ok => 30);
send_to(bad => 7);
send_to(few => 10);
send_to(closed => 5);
is $sent{few}{refused}, 6, 'a limit of 4 has refused 6 of 10';
is $sent{closed}{refused}, 5, 'and nobody came in without a token';
shows('/now', expected(), 'second by second: requests, errors, refusals and bytes as they were sent');
shows('/hour', expected(), 'out of the database: the same');
my $row;
wait_for(sub { ($row) = grep { $_->{requests} } @{decode_json($t->get('/all')->{body} || '[]')}; $row }, 20, 'the card of all endpoints');
like $row->{time}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d0Z$/, 'a step begins at a multiple of ten seconds';
ok abs($row->{per_second} - $row->{requests} / 10) < 1e-9, 'the rate of a step';
ok $row->{p50} > 0 && $row->{p50} <= $row->{p95} && $row->{p95} <= $row->{p99}, 'its quantiles';

sub sums ($column = 'requests') {
    my (undef, $out) = $t->run_program(['sqlite3', $t->dir('state.db'),
        "select step_s, sum($column), min($column) >= 0 from traffic_steps where endpoint = 'ok' group by step_s order by step_s"]);
    return $out;
}
sub counted { return join '', map { "$_|$sent{ok}{requests}|1\n" } 10, 60, 3600 }
is sums(), counted(), 'steps of every length hold each request once';

# --- the sidecar is killed: what it had not written is still in nginx's counters ---
send_to(ok => 11);
$t->kill_sidecar;
send_to(ok => 9);
$t->start_sidecar;
$t->wait_in_step;
shows('/hour', expected(), 'kill -9: nothing is lost, nothing counted twice, what came meanwhile included');
is sums(), counted(), 'in steps of every length';

# --- it is stopped: everything is written ---
send_to(ok => 5);
$t->stop_sidecar;
is sums(), counted(), 'at the end all is written';
$t->start_sidecar;
$t->wait_in_step;
send_to(ok => 2);
shows('/hour', expected(), 'and another one goes on there');

# --- nothing can be written, though all can be read: one line says so ---
sub state_sql ($sql) { return $t->run_program(['sqlite3', '-cmd', '.timeout 5000', $t->dir('state.db'), $sql]) }
sub complaints { return scalar(() = $t->log_text('sidecar.log') =~ /history not written/g) }
my $complaints = complaints();
is +(state_sql("create trigger full before insert on traffic_steps begin select raise(fail, 'it is full'); end"))[0], 0, 'the state takes no more';
send_to(ok => 4);
wait_for(sub { complaints() > $complaints }, 30, 'a complaint');
my %runs;
wait_for(sub { $runs{$t->ctl_json('health')->{checks}[0]{checked_at}} = 1; keys %runs > 5 }, 30, 'five seconds of the sidecar');
is complaints(), $complaints + 1, 'the log says so once';
is +(state_sql('drop trigger full'))[0], 0, 'it does again';
wait_for(sub { sums() eq counted() }, 30, 'what was kept is written');
shows('/hour', expected(), 'and nothing is lost');
$t->reload_sidecar;
send_to(ok => 4);
shows('/hour', expected(), 'so does it after a reload');

# --- nginx is started anew, and reloaded ---
send_to(ok => 6);
$t->stop_nginx;
$t->start_nginx;
$t->wait_in_step;
send_to(ok => 1);
$t->reload_nginx;
send_to(ok => 1);
shows('/hour', expected(), 'counters that begin anew count from zero');
is sums(), counted(), 'in steps of every length';
is sums('bytes') =~ s/\|\d+\|1\n//gr, '10603600', 'and nothing is negative';

# --- checks ---
my $ups = decode_json(wait_for(sub { my $answer = $t->get('/events'); $answer->{status} == 200 && $answer->{body} }, 30, 'results'));
is_deeply [grep { $_->{status} ne 'up' } @$ups], [], 'a check that stays up';
cmp_ok scalar @$ups, '<=', 3 + (time - $^T) / 60, 'is kept once at each start and once a minute, not every second';
unlink $t->dir('here');
wait_for(sub { $t->get('/events')->{body} =~ /"down"/ }, 30, 'down');
$t->write_file('here', 'x');
my $events = decode_json(wait_for(sub { my $body = $t->get('/events')->{body}; $body =~ /down.*"up"/s && $body }, 30, 'up'));
is_deeply [map { $_->{status} } @$events[-2, -1]], [qw(down up)], 'a change is kept at once';
like $events->[-2]{message}, qr/No such file/, 'with its reason';
is $t->get('/availability')->{status}, 200, 'checks by the hour, of which none may be over yet';

# --- what is asked for by status has its index ---
my $by_status = "select at_ms, message from health_metrics where metric = 'file' and status = 'down' and at_ms > 1 order by at_ms";
sub plan_of ($sql) { return ($t->run_program(['sqlite3', $t->dir('state.db'), "explain query plan $sql"]))[1] }
like plan_of($by_status), qr/USING INDEX health_metrics_by_status \(metric=\? AND status=\? AND at_ms>\?\)/, 'by check, status and time there is an index';
unlike plan_of($by_status), qr/TEMP B-TREE/, 'in whose order they come';

# --- what is too old goes, and who reads meanwhile is not held up, nor holds up ---
# A reader in the midst of a transaction: it goes on seeing what it saw first.
sub reader (@command) {
    my $pid = open2(my $out, my $in, @command);
    $in->autoflush(1);
    return {pid => $pid, in => $in, out => $out};
}
sub ask_reader ($reader, $sql) {
    print {$reader->{in}} "$sql\n";
    return readline($reader->{out}) =~ s/\n\z//r;
}
sub end_reader ($reader) {
    close $reader->{$_} for qw(in out);
    waitpid $reader->{pid}, 0;
    return is $?, 0, 'the reader had no error';
}
my $old = time - 8 * 86400;
my $insert = "insert into %s (metric, status, at_ms, duration_us, message) select 'old', 'up', cast($old - value as bigint) * 1000, 1, '' from %s";
my $count = "select count(*) from %s where metric = 'old';";
($exit, $out, $err) = state_sql(sprintf $insert, 'health_metrics', 'generate_series(1, 250)');
is $exit, 0, 'results of eight days ago' or diag $err;
my $reader = reader('sqlite3', $t->dir('state.db'));
is ask_reader($reader, 'begin; ' . sprintf $count, 'health_metrics'), 250, 'a reader sees them';
my @failed;
sub old_ones {
    my ($exit, $out, $err) = $t->run_program(['sqlite3', $t->dir('state.db'), sprintf $count, 'health_metrics']);
    push @failed, $err if $exit;
    return $out + 0;
}
ok wait_for(sub { old_ones() == 0 }, 150, 'cleanup'), 'are cleaned up';  # one begins each minute
is_deeply \@failed, [], 'nobody who read meanwhile found the database locked';
is ask_reader($reader, sprintf $count, 'health_metrics'), 250, 'the reader sees what it saw';
print {$reader->{in}} "commit;\n";
end_reader($reader);
$t->stop_sidecar;

# --- refused ---
$t->sidecar_config({sources => {c => {kind => 'history', of => 'checks'}}});
like +($t->run_sidecar('-t'))[2], qr/history of checks needs a place to be kept/, 'checks are remembered in state alone';
$t->stop_nginx;

# --- PostgreSQL ---
SKIP: {
    skip 'PostgreSQL is not installed', 1 if !Gatehouse::Postgres->available;
    my $pg = Gatehouse::Postgres->new($t);
    $pg->start;
    %sent = ();
    unlink $t->board_path;
    configure(state => {url => $pg->url});
    $t->start_sidecar;
    $t->start_nginx;
    $t->wait_in_step;
    send_to(ok => 20);
    send_to(bad => 3);
    shows('/hour', expected(), 'PostgreSQL: as they were sent');
    $pg->sql(sprintf $insert, 'gatehouse.health_metrics', 'generate_series(1, 20000) as value');
    my $reader = reader($pg->psql);
    is ask_reader($reader, 'begin isolation level repeatable read; ' . sprintf $count, 'gatehouse.health_metrics'), 20000, 'a reader sees old results';
    $pg->sql('analyze gatehouse.health_metrics');
    like $pg->sql('explain ' . $by_status =~ s/health_metrics/gatehouse.health_metrics/r), qr/Index Scan using health_metrics_by_status/, 'the index by status is used';
    my $left = sub () { return $pg->sql(sprintf $count, 'gatehouse.health_metrics') };
    ok wait_for(sub { $left->() < 20000 }, 150, 'cleanup'), 'they are being cleaned up';
    is ask_reader($reader, sprintf $count, 'gatehouse.health_metrics'), 20000, 'beside a reader, who sees what it saw';
    print {$reader->{in}} "commit;\n";
    end_reader($reader);
    send_to(ok => 4);
    $pg->kill;
    send_to(ok => 5);
    ok wait_for(sub { $t->log_text('sidecar.log') =~ /history not written/ }, 40, 'a word'), 'a server that is away is said';
    $pg->start;
    send_to(ok => 6);
    shows('/hour', expected(), 'and nothing is lost when it is back', 60);
    is $pg->sql("select string_agg(s::text, ' ' order by s) from (select sum(requests) as s from gatehouse.traffic_steps where endpoint = 'ok' group by step_s) x"), '35 35 35', 'in steps of every length';
    shows('/events', [{metric => 'file', status => 'up', message => ''}], 'results of checks');
    $t->stop_sidecar;
    $pg->stop;
}
$t->done;
