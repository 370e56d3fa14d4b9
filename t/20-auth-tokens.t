#!/usr/bin/perl
# API tokens in the workers: revocations, networks, times, foreign ones; changes, damage, restarts, reloads.
use v5.36;
use lib 't/lib';
use IO::Socket::UNIX;
use Test::More;
use Time::HiRes ();
use Gatehouse;
use Gatehouse::Credentials qw(api_token);

my $t = Gatehouse->new(workers => 3);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my $publisher = $t->start_publisher;
my %token = map { $_ => api_token($_) } map { sprintf 'T%07d', $_ } 1 .. 20;
sub token ($n) { return $token{sprintf 'T%07d', $n} }
my $foreign = 'abcdef1234567890';
my $now = time;
my @list = (
    {token => token(1), user => 'ada'}, {token => token(2), revoked => 1}, {token => token(3), expires => $now - 1}, {token => token(4), not_before => $now + 3600}, {token => token(5), networks => '10.0.0.0/8 2001:db8::/32'},
    {token => token(6), networks => '127.0.0.0/8'}, {token => token(7), networks => '::1'}, {token => token(8), expires => $now + 8}, {token => token(9), not_before => $now + 4}, {token => $foreign, foreign => 1, id => 'FOREIGN1', user => 'api_user', scopes => 'read'},
    {token => token(10)}, {token => token(11)}, {token => token(11) && api_token('T0000011', 'new')}, {token => token(12)});

$t->nginx_conf(<<'END');
map $http_x_forwarded_for $unused { default 1; }
server {
    listen 127.0.0.1:%%PORT%% reuseport;
    listen unix:%%DIR%%/door.sock;
    set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP;
    location / { gate_auth token; add_header X-Worker $pid; add_header X-Who "$gate_user $gate_scopes"; add_header ETag '"gif"'; empty_gif; }
    location /open { add_header X-Worker $pid; empty_gif; }
}
END
$t->start_nginx;

sub ask ($token, %more) { return $t->get('/', Authorization => "Bearer $token", %more) }
sub status ($token, %more) { return ask($token, %more)->{status} }

# Asks until each worker has answered; returns the statuses that came, and by whom.
sub everywhere ($token) {
    my (%seen, %status);
    my $deadline = now() + 20;
    while (keys %seen < $t->{workers} && now() < $deadline) {
        my $r = ask($token);
        ++$status{$r->{status}};
        my $w = $t->get('/open')->{header}{'x-worker'};
        ++$seen{$r->{header}{'x-worker'} // $w};
    }
    return join ' ', sort keys %status;
}

subtest 'no table yet' => sub {
    my $r = ask(token(1));
    is "$r->{status} $r->{header}{'retry-after'}", '503 1', 'what could be a token: not ours to say';
    is $r->{header}{'www-authenticate'}, undef;
    is status($foreign), 503, 'foreign';
    is status('gth_junk'), 401, 'what cannot be one';
    is $t->get('/')->{status}, 401, 'none';
};

$publisher->tokens(@list);
wait_for(sub { everywhere(token(1)) eq '200' }, 10, 'tokens');

subtest 'what a token says of itself' => sub {
    is status(token($_->[0])), $_->[1], $_->[2] for [1, 200, 'good'], [2, 401, 'revoked'], [3, 401, 'expired'], [4, 401, 'not yet valid'], [5, 401, 'wrong network'], [6, 200, 'right network'], [7, 401, 'IPv6 alone'];
    my %detail = map { $_ => (ask(token($_))->{body} =~ /"detail":"(.*?)"/)[0] } 2 .. 5;
    is_deeply \%detail, {2 => 'Invalid token', 3 => 'Token expired', 4 => 'Invalid token', 5 => 'Invalid token'}, 'the client is told of its end, else nothing';
    is status(token($_->[0]), 'X-Real-IP' => $_->[1]), $_->[2], "$_->[1]: $_->[2]" for [5, '10.255.0.1', 200], [5, '11.0.0.1', 401], [5, '2001:db8:ffff::1', 200], [5, '2001:db9::1', 401], [5, '::ffff:10.1.2.3', 200], [6, '10.0.0.1', 401], [7, '::1', 200], [1, '10.0.0.1', 200];
    my $http = Gatehouse::Http->new(path => $t->dir('door.sock'));
    is $http->get('/', Authorization => 'Bearer ' . token($_->[0]))->{status}, $_->[1], 'by a Unix socket: ' . $_->[2] for [1, 200, 'no networks'], [6, 401, 'in no network'];
    my $r = ask($foreign);
    is "$r->{status} $r->{header}{'x-who'}", '200 api_user read', 'a foreign token';
    is status($_), 401, "«$_»" for "${foreign}0", substr($foreign, 1), uc $foreign;
    is status($_), 200, 'while it rotates, both' for token(11), api_token('T0000011', 'new');
    is status(api_token('T0000011', 'third')), 401;
};

subtest 'time' => sub {
    my $mine = sub ($n, $want) { wait_for(sub { status(token($n)) == $want }, 15, "$want of token $n"); return Time::HiRes::time() };
    SKIP: {
        skip 'too slow', 2 if time > $now + 7;
        is status(token(8)), 200, 'remembered';
    }
    cmp_ok abs($mine->(8, 401) - ($now + 8)), '<', 1, 'ends at its end';
    cmp_ok $mine->(9, 200), '>=', $now + 4, 'begins at its beginning';
};

subtest 'changes' => sub {
    is everywhere(token(10)), '200', 'good in all workers';
    my $begin = Time::HiRes::time();
    $publisher->changes({token => token(10), revoked => 1}, {token => token(12), removed => 1}, {token => token(13), user => 'new'});
    wait_for(sub { everywhere(token(10)) eq '401' }, 5, 'revocation');
    cmp_ok Time::HiRes::time() - $begin, '<', 1, sprintf 'revoked in all workers %.0f ms after', 1000 * (Time::HiRes::time() - $begin);
    is everywhere(token($_->[0])), $_->[1], $_->[2] for [12, 401, 'removed'], [13, 200, 'new'], [1, 200, 'untouched'];
    $publisher->changes({token => token(10), revoked => 1}, {token => token(13), revoked => 1});
    wait_for(sub { everywhere(token(13)) eq '401' }, 5, 'next changes');
    is everywhere(token(12)), '200', 'changes are those since the base, whole';
    $publisher->command('tokens', $t->write_file('tokens', Gatehouse::Credentials::token_list(grep { $_->{token} ne token(10) } @list)));
    wait_for(sub { everywhere(token(13)) eq '401' && everywhere(token(10)) eq '401' && everywhere(token(12)) eq '200' }, 5, 'new base');
    pass 'a new base ends them';
};

subtest 'the same base again' => sub {
    $publisher->tokens(@list);
    $publisher->changes({token => token(10), revoked => 1});
    wait_for(sub { everywhere(token(10)) eq '401' }, 5, 'revocation');
    my $load = $t->load(paths => ['/'], clients => 2, headers => {Authorization => 'Bearer ' . token(10)}, accept => sub ($r) { $r->{status} == 401 ? undef : "status $r->{status}" });
    for (1 .. 10) {
        $publisher->command('close');
        $publisher->command('wait', 3);
    }
    my $report = $load->stop;
    ok !$report->{failures} && $report->{requests} > 100, "10 reconnections, $report->{requests} requests with a revoked token: none let in" or diag explain $report->{failed};
};

subtest 'a base that was made before the last change' => sub {
    $publisher->tokens(@list);
    $publisher->changes({token => token(10), revoked => 1});
    wait_for(sub { everywhere(token(10)) eq '401' }, 5, 'revocation');
    my $generation = $publisher->command('tokens', $t->write_file('tokens', Gatehouse::Credentials::token_list(@list, {token => token(14)})), 'early');
    $publisher->wait_for_event(qr/^applied $generation /) for 1 .. 3;
    is everywhere(token($_->[0])), $_->[1], $_->[2] for [10, 401, 'lets in nobody who was revoked meanwhile'], [14, 401, 'it waits for its changes'];
    $publisher->changes({token => token(10), revoked => 1});
    wait_for(sub { everywhere(token(14)) eq '200' }, 5, 'the base with its changes');
    is everywhere(token($_->[0])), $_->[1], $_->[2] for [10, 401, 'revoked'], [1, 200, 'untouched'];
};

subtest 'damage' => sub {
    my $since = $t->log_end;
    my $good = read_file($t->write_file('bytes', 'x' x 1000));
    for my $bytes ('', 'x', "\0" x 128, "GTHTTOK1" . "\xff" x 4000) {
        $publisher->table('tokens', $bytes || ' ');
    }
    wait_for(sub { scalar(() = substr($t->log_text('error.log'), $since) =~ /\[error\] .*the table "tokens" is refused/g) >= 12 }, 10, 'refusals');
    is everywhere(token(1)), '200', 'a table that is none leaves the old one';
    is everywhere(token(10)), '401', 'and what changed on it';
    $publisher->tokens(@list);
    wait_for(sub { everywhere(token(10)) eq '200' }, 5, 'a good one');
    $publisher->command('changes', $t->write_file('tokens', Gatehouse::Credentials::token_list({token => token(1), revoked => 1})), 'astray');
    wait_for(sub { everywhere(token(6)) eq '503' }, 5, 'failure');
    is everywhere(token($_)), '503', 'changes to a base that is not here may hold a revocation: nobody comes in' for 1, 2;
    $publisher->command('untable', 'tokens.changes');
    $publisher->tokens(@list);
    wait_for(sub { everywhere(token(6)) eq '200' }, 5, 'base');
    pass 'until the base comes';
};

subtest 'without the sidecar' => sub {
    $publisher->changes({token => token(10), revoked => 1});
    wait_for(sub { everywhere(token(10)) eq '401' }, 5, 'revocation');
    $publisher->command('archive', $t->board_path);
    $publisher->command('listen', 'off');
    $publisher->command('close');
    is everywhere(token($_->[0])), $_->[1], "a lost sidecar changes nothing: $_->[1]" for [1, 200], [10, 401];
    $t->kill_worker;
    is everywhere(token($_->[0])), $_->[1], "in a new worker neither: $_->[1]" for [1, 200], [10, 401];
    $t->reload_nginx;
    is everywhere(token($_->[0])), $_->[1], "after a reload neither: $_->[1]" for [1, 200], [10, 401];
    $t->stop_nginx;
    $t->start_nginx;
    is everywhere(token($_->[0])), $_->[1], "after a restart neither: $_->[1]" for [1, 200], [10, 401], [2, 401];
    $t->stop_nginx;
    my ($changes) = glob $t->board_path . '.table.tokens.changes';
    my $bytes = read_file($changes);
    for my $at (0, 20, 4096, 4096 + 60, length($bytes) - 1) {
        my $damaged = $bytes;
        substr($damaged, $at, 1) ^.= "\1";
        $t->write_file('board.table.tokens.changes', $damaged);
        $t->start_nginx;
        is join(' ', map { everywhere(token($_)) } 1, 10), '503 503', "a damaged file of changes (byte $at) may have held a revocation: nobody comes in";
        $t->stop_nginx;
    }
    unlink $changes;
    rename $t->board_path . '.table.tokens', $t->dir('away');
    $t->start_nginx;
    is everywhere(token(1)), '503', 'no file';
    $publisher->command('listen', 'on');
    wait_for(sub { everywhere(token(1)) eq '200' && everywhere(token(10)) eq '401' }, 10, 'sidecar');
    pass 'until the sidecar is back';
    $t->expect_in_logs(qr/\[(?:alert|emerg)\].*table/);
};

subtest 'reloads under load' => sub {
    my $load = $t->load(paths => ['/'], clients => 2, keepalive => 0, headers => {Authorization => 'Bearer ' . token(1)}, accept => sub ($r) { $r->{status} == 200 ? undef : "status $r->{status}" });
    $t->reload_nginx for 1 .. 4;
    my $report = $load->stop;
    ok !$report->{failures}, "4 reloads, $report->{requests} requests: all let in" or diag explain [splice @{$report->{failed}}, 0, 5];
    $publisher->events('used');
    ask(token(1));
    ask($foreign);
    my %used;
    wait_for(sub { $used{$_}++ for map { unpack '(a8)*', $_ } $publisher->events('used'); $used{T0000001} && $used{FOREIGN1} }, 12, 'used tokens');
    pass 'the sidecar is told which tokens are in use';
};

subtest 'without a master process' => sub {
    $t->stop_nginx;
    @$t{qw(master workers)} = (0, 1);
    $t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { gate_auth token; empty_gif; } }');
    $t->start_nginx;
    wait_for(sub { status(token(1)) == 200 }, 10, 'tokens');
    is status(token(2)), 401;
    $publisher->changes({token => token(1), revoked => 1});
    wait_for(sub { status(token(1)) == 401 }, 5, 'revocation');
    pass 'revocations arrive';
};

unlike $t->log_text('error.log') . $t->log_text('access.log'), qr/\Q$_\E/, 'no token in a log' for token(1), $foreign;
$t->done;
