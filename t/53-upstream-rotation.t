#!/usr/bin/perl
# Peers that a table says are down: passed by, by every balancer; back; reloads; worker's death; nobody left; slow start.

use v5.36;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Time::HiRes ();
use Gatehouse;
use Gatehouse::Metrics qw(samples promtool);
use Gatehouse::MoodyPeer;
use Gatehouse::UpstreamsTable qw(upstreams_table);

my $t = Gatehouse->new(ports => 5, workers => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');

my @peer = map { Gatehouse::MoodyPeer->start($t->port($_)) } 1 .. 4;
my @name = map { '127.0.0.1:' . $_->port } @peer;

my %balancer = (
    rr => '', least => 'least_conn;', iphash => 'ip_hash;', hash => 'hash $arg_k;', consistent => 'hash $arg_k consistent;',
    random => 'random;', two => 'random two;');
my @upstreams = sort keys %balancer;
my $check = 'gate_check uri=/health interval=1s;';
my $conf = join "\n", map { my $u = $_; "upstream $u { zone $u 64k; $balancer{$u} "
    . join(' ', map { "server $name[$_] max_fails=0;" } 0 .. 2) . " $check }" } @upstreams;
$conf .= <<"END";
upstream kept { zone kept 64k; server $name[0] down; server $name[1] max_fails=0; server $name[2] max_fails=0; $check }
upstream spare { zone spare 64k; server $name[0] max_fails=0; server $name[3] backup max_fails=0; $check }
upstream twice { zone twice 64k; server $name[0] max_fails=0; server $name[0] max_fails=0; server $name[1] max_fails=0; server $name[0] backup; $check }
upstream slow { zone slow 64k; server $name[0] max_fails=0; server $name[1] max_fails=0; gate_check uri=/health slow_start=1000s critical; }
proxy_next_upstream off;
set_real_ip_from 127.0.0.1;  # ip_hash is by the first three bytes of an address
server {
    listen 127.0.0.1:%%PORT%%;
END
$conf .= "    location /$_ { proxy_pass http://$_; }\n" for @upstreams, qw(kept spare twice slow);
$conf .= <<'END';
    location = /upstreams { gate_upstreams; }
    location = /metrics { gate_metrics; }
    location = /detailed { gate_health detailed; }
}
END

my $publisher = $t->start_publisher;
$t->nginx_conf($conf);
$t->start_nginx;

sub told () { return JSON::PP::decode_json($t->get('/upstreams')->{body})->{upstreams} }
sub peer_of ($upstream, $peer) { return (grep { $_->{peer} eq $peer } @{told()->{$upstream}{peers}})[0] }

# In every worker's eyes: nginx's own word, which all of them share, is the last to follow.
sub wait_for_state ($upstream, $peer, $state) {
    return eval { wait_for(sub { !grep { peer_of($upstream, $peer)->{state} ne $state } 1 .. 12 }, 5, "$upstream $peer $state") };
}

# Whom N requests reach: {port or status => how many}.
sub reached ($upstream, $count) {
    my %reached;
    for my $n (1 .. $count) {
        my $answer = $t->get("/$upstream?k=$n", 'X-Real-IP' => "10.0.$n.1");
        ++$reached{$answer->{status} == 200 ? $answer->{body} : $answer->{status}};
    }
    return \%reached;
}

# --- what the sidecar is told ---
my $hello = $publisher->wait_for_event(qr/^hello /);
is told()->{rr}{peers}[0]{state}, 'unknown', 'before any check nothing is known';
is scalar(grep { !$_->{in} } map { @{$_->{peers}} } values %{told()}), 1, 'and all are in but the one that the configuration has down';

# --- one is down ---
$peer[0]->mood('fails');
my @all = map { my $u = $_; [$u, $name[0], 'down', 0, 1_700_000_000_000, 'the answer has the status 500'] } @upstreams, qw(kept spare twice);
push @all, map { [$_, $name[1], 'up'] } @upstreams;
$publisher->table('upstreams', upstreams_table(@all));
ok wait_for_state($_, $name[0], 'down'), "$_: down" for @upstreams;
for my $upstream (@upstreams) {
    my $before = $peer[0]->asked;
    my $reached = reached($upstream, 30);
    is $reached->{500}, undef, "$upstream: no request of 30 fails";
    is $peer[0]->asked, $before, 'none comes to the one that is known to be down';
    is scalar(keys %$reached), 2, 'the others have them all' or diag explain $reached;
}
is_deeply [sort keys %{reached('spare', 5)}], [$peer[3]->port], 'the backup steps in';
is_deeply [sort keys %{reached('twice', 12)}], [$peer[1]->port], 'an address that stands there three times is passed by each time';
is_deeply [map { $_->{in} ? 1 : 0 } @{told()->{twice}{peers}}], [0, 0, 1, 0], 'and shown so';
my $row = peer_of('rr', $name[0]);
is_deeply [@$row{qw(state reason since checked duration_seconds backup)}],
    ['down', 'the answer has the status 500', '2023-11-14T22:13:20.000000Z', '2023-11-14T22:13:21.000000Z', 0.0025, JSON::PP::false],
    'it is shown with reason and times';
ok !$row->{in}, 'as out';
my $metrics = $t->get('/metrics')->{body};
is promtool($t, $metrics), '', 'promtool finds nothing';
is scalar(() = $metrics =~ /^gatehouse_upstream_peer_up\{upstream="twice"/mg), 2, 'each address has one series';
my $up = samples($metrics);
is $up->{qq(gatehouse_upstream_peer_up{upstream="rr",peer="$name[0]"})}, 0, 'a metric says down';
is $up->{qq(gatehouse_upstream_peer_up{upstream="rr",peer="$name[1]"})}, 1, 'up';
is $up->{qq(gatehouse_upstream_peer_up{upstream="rr",peer="$name[2]"})}, 1, 'and up of what nobody has checked';

# --- it stays so over a reload, also without a sidecar, and over the death of a worker ---
$t->reload_nginx;
is reached('rr', 20)->{500}, undef, 'after a reload: no request fails';
$t->kill_worker for 1 .. 2;
is reached('hash', 20)->{500}, undef, 'with new workers: none';
$publisher->stop('KILL');
$t->wait_for_answer('/metrics', sub ($r) { $r->{body} =~ /^gatehouse_sidecar_up 0$/m });
is_deeply JSON::PP::decode_json($t->get('/detailed')->{body})->{nginx}{upstreams}, {
    (map { $_ => {peers => 3, in => 2} } @upstreams, 'kept'),
    spare => {peers => 2, in => 1}, twice => {peers => 4, in => 1}, slow => {peers => 2, in => 2}},
    'without a sidecar nginx tells of each upstream how many of its peers are in, backups included';
$t->reload_nginx;
is reached('rr', 20)->{500}, undef, 'after a reload while the sidecar is away: none';
ok !peer_of('two', $name[0])->{in}, 'it is out still';
$publisher = $t->start_publisher;
$t->wait_for_answer('/metrics', sub ($r) { $r->{body} =~ /^gatehouse_sidecar_up 1$/m });
$publisher->table('upstreams', upstreams_table(['rr', $name[0], 'unknown']));
is reached('rr', 20)->{500}, undef, 'a sidecar that does not know yet changes nothing';

# --- back ---
$peer[0]->mood('well');
$publisher->table('upstreams', upstreams_table(map { [$_, $name[0], 'up', 1, int(Time::HiRes::time() * 1000)] } @upstreams, qw(kept spare)));
ok wait_for_state($_, $name[0], 'up'), "$_: up again" for 'rr', 'random';
for my $upstream (@upstreams) {
    cmp_ok reached($upstream, 60)->{$peer[0]->port} // 0, '>', 0, "$upstream: requests come to it again";
}
is_deeply [sort keys %{reached('kept', 20)}], [sort map { $peer[$_]->port } 1, 2], 'what the configuration has down stays out';
is peer_of('kept', $name[0])->{reason}, 'down in the configuration', 'and is shown as such';

# --- all are down ---
$publisher->table('upstreams', upstreams_table((map { ['rr', $_, 'down'] } @name[0 .. 2]), (map { ['spare', $_, 'down'] } @name[0, 3])));
ok wait_for_state('rr', $name[2], 'down'), 'all three are down';
is_deeply [sort keys %{reached('rr', 12)}], [sort map { $peer[$_]->port } 0 .. 2], 'none is taken out';
is_deeply [sort keys %{reached('spare', 4)}], [$peer[0]->port], 'nor where there is a backup, which is down, too';

# --- slow start: by how long it has been up, as told; seen in forty turns of 100 ms ---
sub share_in_slow_start ($up_s) {
    $publisher->table('upstreams', upstreams_table(['slow', $name[1], 'up', 1, int((Time::HiRes::time() - $up_s) * 1000)], ['slow', $name[0], 'up']));
    wait_for_state('slow', $name[1], 'up');
    my %in;
    wait_for(sub {
        my $turn = int(Time::HiRes::time() * 10);
        $in{$turn} //= peer_of('slow', $name[1])->{in} ? 1 : 0;
        return keys %in >= 40;
    }, 30, 'forty turns');
    my $sum = 0;
    $sum += $_ for values %in;
    return $sum / keys %in;
}
my @part = map { share_in_slow_start($_) } 150, 850, 1000;
cmp_ok abs($part[0] - 0.2), '<', 0.25, sprintf('at first a peer that came up is in for two tenths of the time (%.2f)', $part[0]);
cmp_ok abs($part[1] - 0.9), '<', 0.25, sprintf('then for nine (%.2f)', $part[1]);
is $part[2], 1, 'then for all of it';
cmp_ok reached('slow', 40)->{$peer[1]->port} // 0, '>', 5, 'and has its requests';

# --- what is no table ---
$publisher->table('upstreams', 'nonsense');
wait_for(sub { $t->log_text('error.log') =~ /the table "upstreams" is refused: upstreams table: shorter than its header/ }, 5, 'a refusal');
is $t->request({method => 'POST', path => '/upstreams'})->{status}, 405, 'gate_upstreams is read only';

$t->done;
