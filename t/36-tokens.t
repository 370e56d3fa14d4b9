#!/usr/bin/perl
# API tokens from gatehousectl to the workers: made once, listed, rotated, revoked, imported, kept through kills and damage.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP qw(decode_json encode_json);
use Test::More;

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));

my $ours = qr/gth_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}/;
my %config = (
    state => {path => '%%DIR%%/state.db'},
    sources => {d => {kind => 'csv', path => '%%DIR%%/d.csv'}},
    cards => {one => {path => '/one', sql => 'select a from d', max_age => '600s'}});
my @told;  # every secret this test has seen

sub state_of ($id) { return $t->ctl_json('token', 'show', $id)->{state} }
sub create (@arguments) {
    my ($exit, $out, $err) = $t->ctl('token', 'create', @arguments);
    die "token create @arguments: exit $exit: $err" if $exit != 0;
    chomp $out;
    push @told, $out;
    return $out;
}
sub id_of ($token) { return substr $token, 4, 8 }

# As a shell does: the token on standard input.
sub verify ($token, @arguments) {
    my $file = $t->write_file('token', "$token\n");
    return $t->run_program(['/bin/sh', '-c', "exec \"\$@\" < '$file'", 'sh', $t->build . '/gatehousectl', '-s', $t->control_path,
        'token', 'verify', @arguments]);
}
sub verdict ($token, @arguments) { return ((verify($token, @arguments))[1] =~ /^(.*)$/m)[0] }
sub import_tokens ($tokens, @arguments) {
    my $file = $t->write_file('import.json', ref $tokens ? encode_json($tokens) : $tokens);
    return $t->ctl('token', 'import', $file, @arguments);
}

# What every worker answers: the statuses of as many requests, each on a connection of its own.
sub statuses ($token, $header = 'Authorization') {
    my $value = $header eq 'Authorization' ? "Bearer $token" : $token;
    my %seen;
    ++$seen{$t->get('/in/', $header => $value)->{status}} for 1 .. 8;
    return join ' ', sort keys %seen;
}

$t->write_file('d.csv', "a\n1\n");

# --- without a place to keep them ---
{
    my %without = %config;
    delete $without{state};
    $t->sidecar_config(\%without);
    $t->start_sidecar;
    my ($exit, $out, $err) = $t->ctl(qw(token list));
    is $exit, 1, 'no state: exit 1';
    like $err, qr/set "path" of "state" in the configuration/, 'no state: what to do';
    $t->stop_sidecar;
}

$t->sidecar_config(\%config);
$t->start_sidecar;
$t->nginx_conf(<<'END');
gate_realm test;
server {
    listen 127.0.0.1:%%PORT%%;
    location / { gate_board on; }
    location /in/ { gate_auth token; empty_gif; }
}
END
$t->start_nginx;
$t->wait_in_step;

# --- create: once, alone, on stdout ---
my ($exit, $out, $err) = $t->ctl(qw(token create ci --user ada --scope), 'write,read', qw(--scope boards:read --plan gold --from 127.0.0.0/8));
is $exit, 0, 'create: exit 0';
like $out, qr/\A$ours\n\z/, 'create: the token alone on stdout';
unlike $err, qr/$ours/, 'and not on stderr';
chomp(my $ci = $out);
push @told, $ci;
my $shown = $t->ctl_json('token', 'show', id_of($ci));
is_deeply [@{$shown}{qw(name user plan state)}, $shown->{scopes}, $shown->{networks}],
    ['ci', 'ada', 'gold', 'active', [qw(boards:read read write)], ['127.0.0.0/8']], 'show: what was asked for';
my $day = sub ($text) { use Time::Local 'timegm'; my @d = $text =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)/; timegm(@d[5, 4, 3, 2], $d[1] - 1, $d[0]) / 86400 };
cmp_ok abs($day->($shown->{expires_at}) - $day->($shown->{created_at}) - 90), '<', 0.001, 'it expires after 90 days';
ok !(grep { /token|digest/ && !/^tokens?$/ } keys %$shown), 'show tells neither token nor digest';
wait_for(sub { statuses($ci) eq '200' }, 5, 'the new token in every worker');
is statuses($ci, $_), '200', "$_ carries it too" for qw(X-API-Token X-API-Key);
is statuses(substr($ci, 0, -1)), '401', 'a part of it is nothing';

my $json = $t->ctl_json(qw(token create --name json --owner bob --expires never));
like $json->{token}, qr/\A$ours\z/, '-o json: the token in the object';
is $json->{expires_at}, undef, 'never, asked for';
push @told, $json->{token};
is_deeply [map { "$_->{name} $_->{user}" } @{$t->ctl_json('token', 'list')->{tokens}}], ['ci ada', 'json bob'], 'list: in the order of their making';
is scalar @{$t->ctl_json(qw(token list --user bob))->{tokens}}, 1, 'list: of one user';
like +($t->ctl('token', 'list'))[1], qr/^ID +NAME +USER.*^@{[id_of($ci)]} +ci +ada +boards:read read write +gold +active +20/ms, 'list: as a table';

# --- what is refused ---
for (['--scope', 'a  b'], ['--scope', '*'], ['--scope', 'x,x'], ['--scope', join ',', map { "s$_" } 1 .. 101],
    ['--from', '10.0.0.1/8'], ['--expires', 'soon'], ['--expires', '2001-01-01'], ['--user', "a\nb"], ['--plan', 'a b']) {
    my ($exit, $out, $err) = $t->ctl(qw(token create bad), @$_);
    is "$exit $out", '2 ', "create @{[substr qq(@$_) =~ s/\n/ /r, 0, 30]}: exit 2, nothing made";
    like $err, qr/^gatehousectl: \S/, 'and why';
}
is +($t->ctl(qw(token create)))[0], 2, 'create without a name: exit 2';
is +($t->ctl(qw(token show 00000000)))[0], 1, 'show of nobody: exit 1';
is +($t->ctl(qw(token revoke short)))[0], 2, 'an id that is none: exit 2';
is scalar @{$t->ctl_json('token', 'list')->{tokens}}, 2, 'none of them was made';

# --- verify ---
($exit, $out) = verify($ci, '--from', '127.0.0.1');
is $exit, 0, 'verify: exit 0';
like $out, qr/\Aaccepted\n.*^user +ada\n/ms, 'verify: whose it is';
($exit, $out) = verify($ci, '--from', '192.0.2.1');
is "$exit $out", "5 $out", 'verify from elsewhere: exit 5';
like $out, qr/^refused: wrong_network$/m, 'and why';
is verdict($ci . 'x'), 'refused: malformed', 'verify: one character more';
is +($t->ctl(qw(token verify --token-file), $t->write_file('file', "$json->{token}\r\n")))[0], 0, 'verify --token-file';
($exit, $out, $err) = $t->ctl(qw(token verify), $json->{token});
is $exit, 0, 'verify of an argument';
like $err, qr/others on this machine can see/, 'with a warning';

# --- rotate ---
($exit, $out, $err) = $t->ctl(qw(token rotate), id_of($json->{token}));
like $out, qr/\A$ours\n\z/, 'rotate: the new token alone on stdout';
chomp(my $next = $out);
push @told, $next;
is id_of($next), id_of($json->{token}), 'rotate: the id stays';
wait_for(sub { statuses($next) eq '200' }, 5, 'the new secret');
is statuses($json->{token}), '200', 'the old one is good as well';
chomp(my $third = ($t->ctl(qw(token rotate --overlap 0s), id_of($next)))[1]);
push @told, $third;
wait_for(sub { statuses($next) eq '401' }, 5, 'the end of the second');
is statuses($third), '200', 'rotate without overlap: the newest alone';
is statuses($json->{token}), '401', 'of three secrets the first is gone';

# --- revoke: in every worker within a second ---
my $doomed = create('doomed');
wait_for(sub { statuses($doomed) eq '200' }, 5, 'a token to revoke');
my $from = now();
is +($t->ctl(qw(token revoke), id_of($doomed)))[0], 0, 'revoke: exit 0';
wait_for(sub { statuses($doomed) eq '401' }, 5, 'the revocation in every worker');
cmp_ok now() - $from, '<', 1 * ($ENV{GATEHOUSE_TIMEOUT_SCALE} // 1), 'a second at most';
is state_of(id_of($doomed)), 'revoked', 'show: revoked';
is verdict($doomed), 'refused: revoked', 'verify: revoked';
is +($t->ctl(qw(token rotate), id_of($doomed)))[0], 1, 'a revoked token is not rotated';

# --- last used, coarse ---
wait_for(sub { $t->ctl_json('token', 'show', id_of($ci))->{last_used_at} }, 90, 'the last use of a token');
is $t->ctl_json('token', 'show', id_of(create('idle')))->{last_used_at}, undef, 'which one that was not used has not';

# --- import ---
my $applications = {'abcdef1234567890' => {user => 'api_user', scope => 'read'}};
($exit, $out) = import_tokens($applications, '--dry-run');
is $out, "1 tokens would be imported\n", 'import --dry-run';
is statuses('abcdef1234567890', 'X-API-Token'), '401', 'and nothing is';
($exit, $out) = import_tokens($applications);
like $out, qr/api_user +read .*^1 tokens imported$/ms, 'import';
wait_for(sub { statuses('abcdef1234567890', 'X-API-Token') eq '200' }, 5, 'the foreign token in every worker');
is +(import_tokens($applications))[1], "0 tokens imported, 1 were known\n", 'a second import changes nothing';
for ([{'ffffffffffffffff' => {user => 'u'}, 'SECRETSECRETSECRET' => {user => 'u', scope => 'a  b'}}, qr/token \d of the list \(user "u"\): "" is no scope/],
    [{'SECRETSECRET' => {user => 'u'}}, qr/has 12 characters; 16 are the least/],
    [{'SECRETSECRETSECRET' => {scope => 'read'}}, qr/needs a "user"/],
    ['{"SECRETSECRETSECRET": {"user": "u"}, "SECRETSECRETSECRET": {"user": "u"}}', qr/repeated keys/]) {
    my ($exit, $out, $err) = import_tokens($_->[0]);
    is $exit, 2, 'a bad import: exit 2';
    like $err, $_->[1], 'and why';
    unlike $err, qr/SECRET/, 'without the token';
}
is statuses('ffffffffffffffff', 'X-API-Token'), '401', 'an import is all or nothing';

# --- a limit on expiry, taken up by a reload ---
$config{identity} = {tokens => {default_expiry => '1h', max_expiry => '2h'}};
$t->sidecar_config(\%config);
$t->reload_sidecar;
is +($t->ctl(qw(token create long --expires 3h)))[0], 2, 'longer than max_expiry: exit 2';
is +($t->ctl(qw(token create long --expires never)))[0], 2, 'for ever: exit 2';
my $short = $t->ctl_json('token', 'show', id_of(create('short')));
cmp_ok abs($day->($short->{expires_at}) - $day->($short->{created_at}) - 1 / 24), '<', 0.001, 'default_expiry holds';

# --- kill -9 in the midst of it: what was told is kept ---
for my $round (1 .. 3) {
    my @made;
    my $until = now() + 0.2 + 0.1 * $round;
    my $killer = fork // die "fork: $!";
    if (!$killer) {
        select undef, undef, undef, $until - now();
        kill 'KILL', $t->sidecar_pid;
        require POSIX;
        POSIX::_exit(0);
    }
    while (1) {
        my ($exit, $out) = $t->ctl('token', 'create', 'many');
        last if $exit != 0;
        push @made, $out =~ s/\n//r;
        push @told, $made[-1];
    }
    waitpid $killer, 0;
    $t->kill_sidecar('KILL');
    cmp_ok scalar @made, '>', 0, 'some were made before the kill';
    $t->start_sidecar;
    wait_for(sub { ($t->ctl(qw(token list)))[0] == 0 }, 10, 'the state');
    my %kept = map { $_->{id} => 1 } @{$t->ctl_json('token', 'list')->{tokens}};
    is_deeply [grep { !$kept{id_of($_)} } @made], [], 'after kill -9 ' . @made . ' of ' . @made . ' are there';
    wait_for(sub { statuses($made[-1]) eq '200' }, 10, 'the last one to be good');
}

# --- a damaged state: what was published stays, changes are refused, the rest goes on ---
$t->stop_sidecar;
my $saved = read_file($t->dir('state.db'));
$t->write_file('state.db', 'x' x length $saved);
unlink map { $t->dir("state.db$_") } qw(-wal -shm);
$t->start_sidecar;
wait_for(sub { $t->log_text('sidecar.log') =~ /"message":"state not usable"/ }, 10, 'the complaint');
like $t->log_text('sidecar.log'), qr/state \\".*state\.db\\": file is not a database/, 'the log names the file and the flaw';
($exit, $out, $err) = $t->ctl(qw(token create more));
is $exit, 1, 'a change: exit 1';
like $err, qr/file is not a database; tokens are good as they were published last/, 'and why';
is $t->get('/one')->{status}, 200, 'cards are served';
$t->wait_in_step;
is statuses($third), '200', 'tokens that were good are good';
is statuses($doomed), '401', 'those that were revoked are not';
is verdict($third), 'accepted', 'verify goes on';
$t->stop_nginx;
$t->start_nginx;
$t->wait_in_step;
is statuses($third) . statuses($doomed), '200401', 'also after a restart of nginx';

# --- a state that is gone does not make every token worthless ---
$t->stop_sidecar;
unlink $t->dir('state.db') or die "unlink: $!";
$t->start_sidecar;
like +($t->ctl(qw(token create more)))[2], qr/is not there, but \d+ tokens were published from it; bring it back, or remove the table files/,
    'a missing state: what to do';
$t->wait_in_step;
is statuses($third), '200', 'and tokens stay';

# --- brought back while it runs ---
$t->write_file('state.db', $saved);
wait_for(sub { ($t->ctl(qw(token list)))[0] == 0 }, 20, 'the state that was brought back');
my $after = create('after');
wait_for(sub { statuses($after) eq '200' }, 5, 'a token made after it');
is statuses($third), '200', 'with those from before';

# --- nginx alone, by the files beside the board file ---
$t->stop_sidecar;
$t->stop_nginx;
$t->start_nginx;
is statuses($after) . statuses($doomed), '200401', 'without the sidecar nginx knows them from disk';

# --- no secret anywhere ---
my $everything = join '', map { read_file($_) // '' } grep { -f } map { glob } $t->dir('logs/*'), $t->dir('state.db*'), $t->dir('board*');
my @secrets = map { substr $_, 13, 32 } @told;
is scalar(grep { index($everything, $_) >= 0 } @secrets), 0, 'none of ' . @secrets . ' secrets is in a log, in the state or in a table';
cmp_ok index($everything, id_of($after)), '>=', 0, 'though the ids are';

$t->done;
