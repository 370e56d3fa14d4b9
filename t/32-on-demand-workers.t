#!/usr/bin/perl
# A card that many ask for at once through several workers is computed once; as long as that takes, none gets anything else.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Postgres;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs nginx, gatehoused and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');
plan skip_all => 'needs PostgreSQL' if !Gatehouse::Postgres->available;

# The table is locked until all have asked. The server's own log says how often it was asked.
my $pg = Gatehouse::Postgres->new($t, log_statement => 'all');
$pg->start;
$pg->sql('create table held(n int); insert into held values (1), (2)');
$t->sidecar_config({
    sources => {pg => {kind => 'postgres', url => $pg->url}},
    cards => {asked => {path => '/asked/{n}', sources => ['pg'], sql => 'select $n::int as n, sum(n) as total from held', params => {n => 'integer'},
        ttl => '1h', timeout => '60s', shape => 'object'}}});
$t->start_sidecar;
$t->nginx_conf(<<'END');
    server {
        listen 127.0.0.1:%%PORT%%;
        add_header X-Worker $pid always;
        location / { gate_board on; gate_compute @compute; }
        location @compute { proxy_read_timeout 60s; proxy_pass http://unix:%%API%%:; }
        location = /worker { return 204; }
    }
END
$t->start_nginx;
$t->wait_in_step;

# Connections to each of the workers, kept open.
my %clients;
wait_for(sub {
    my $client = $t->http(0, keepalive => 1, timeout => 60);
    my $worker = $client->get('/worker')->{header}{'x-worker'};
    push @{$clients{$worker}}, $client if @{$clients{$worker} // []} < 20;
    return 2 == grep { @$_ == 20 } values %clients;
}, 30, 'connections to both workers');
my @clients = map { @$_ } values %clients;
is scalar(@clients), 40, 'forty clients, twenty at each of two workers';

sub computed () { return scalar(() = $t->log_text('postgres.log') =~ /execute gatehouse_\d+: select \$1::int as n/g) }
sub asks ($waiting) { return $pg->sql("select count(*) from pg_stat_activity where application_name = 'gatehouse' and wait_event_type = 'Lock'") eq $waiting }
sub ask_all (@numbers) {
    my $lock = $pg->session('begin; lock table held in access exclusive mode;');
    wait_for(sub { $pg->sql("select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'held'::regclass") eq '1' }, 10, 'the lock');
    $clients[$_]->send("GET /asked/$numbers[$_ % @numbers] HTTP/1.1\r\nHost: x\r\n\r\n") for 0 .. $#clients;
    wait_for(sub { asks(scalar @numbers) }, 10, 'a query');
    # Whoever comes after them all is answered after them all: each worker has read what they sent.
    my %after;
    wait_for(sub { $after{$t->get('/worker')->{header}{'x-worker'}} = 1; keys %after == 2 }, 30, 'both workers');
    ok asks(scalar @numbers), 'the server works on ' . @numbers . ' of them';
    close $lock;
    return map { $_->read_response } @clients;
}

my @answers = ask_all(7);
is scalar(grep { $_->{status} == 200 && $_->{body} eq '{"n":7,"total":3}' } @answers), 40, 'all are answered';
is_deeply [sort { $a <=> $b } keys %{{map { $_->{header}{'x-worker'} => 1 } @answers}}], [sort { $a <=> $b } keys %clients], 'by both workers';
is computed(), 1, 'of one computation';
is $t->ctl_json('card', 'show', 'asked')->{variants}{computed}, 1, 'as the sidecar says';
is $t->get('/asked/7')->{body}, '{"n":7,"total":3}', 'who asks afterwards has the same';
is computed(), 1, 'without another';

@answers = ask_all(1, 2, 3);
is_deeply [map { $_->{body} } @answers], [map { '{"n":' . (1 + $_ % 3) . ',"total":3}' } 0 .. 39], 'of three values each gets its own';
is computed(), 4, 'of one computation each';
$_->close for @clients;
$pg->stop;
$t->done;
