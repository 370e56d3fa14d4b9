#!/usr/bin/perl
# The link from the worker's side: start in any order, hello, confirmations, a sidecar that hangs, dies
# or sends what it must not.
use v5.36;
use lib 't/lib';
use IO::Select;
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'module or publisher is not built' if !$t->built('module', 'publisher');

my $log = sub { $t->log_text('error.log') };
my $lines = sub ($pattern) { scalar(() = $log->() =~ /$pattern/g) };

$t->nginx_conf(<<'END');
gate_link_timeout 1500ms;
server {
    listen 127.0.0.1:%%PORT%%;
    gate_route outer;
    location / { gate_board on; }
    location /x { gate_route "with \"quotes\""; }
    location /y { gate_route outer; }
}
END
$t->start_nginx;
is $t->get('/c')->{status}, 404, 'nginx starts alone';
like $log->(), qr/\[warn\].*the sidecar is away: link socket ".*": No such file or directory; serving the 0 cards/,
    'and says why';

my $publisher = $t->start_publisher;
$publisher->card('c', '/c', json => '{"generation":1}');
$publisher->command('wait', 2);
$t->wait_for_answer('/c');
pass 'the sidecar comes later';
my %hello = map { $_->{worker} => $_ }
    map { JSON::PP::decode_json($publisher->wait_for_event(qr/^hello/) =~ s/^hello //r) } 1 .. 2;
is_deeply [sort keys %hello], [0, 1], 'every worker says hello';
is_deeply [sort map { $_->{pid} } values %hello], [sort $t->nginx_workers], 'with its pid';
is_deeply $hello{0}{routes}, ['outer', 'with "quotes"'], 'and the configured routes';
like $hello{0}{nginx}, qr/^1\.\d+\.\d+$/;
my $generation = $publisher->card('c', '/c', json => '{"generation":2}');
like $publisher->wait_for_event(qr/^applied $generation /), qr/^applied \d+ \d{13}$/, 'a publish is confirmed' for 1 .. 2;

# Both workers are connected and in step: each confirms a publish.
sub in_step {
    $publisher->command('wait', 2);
    my $published = $publisher->card('other', '/other', json => '0');
    $publisher->wait_for_event(qr/^applied $published /) for 1 .. 2;
    return;
}

subtest 'what is no message or no snapshot' => sub {
    my %fault = (
        garbage => qr/no message of the link/, version => qr/version 99 of the link, this side version 3/,
        'type 77' => qr/unknown type 77/, 'refuse go away' => qr/refused it: "go away"/,
        'unsealed c' => qr/card "c" is refused/, 'nonsense c' => qr/card "c" is refused/, 'bare c' => qr/without a descriptor/,
    );
    for my $name (sort keys %fault) {
        in_step();
        my $before = length $log->();
        $publisher->command(split / /, $name, 2);
        wait_for(sub { () = substr($log->(), $before) =~ /in step with the sidecar/g }, 10, 'a new connection');
        like substr($log->(), $before), qr/\[warn\].*the sidecar is away: .*$fault{$name}.*; serving the 2 cards/, $name;
        is $t->get('/c')->{body}, '{"generation":2}', 'the card stays';
    }
};

subtest 'renew, keep, retract, synced' => sub {
    $publisher->command('wait', 2);
    $publisher->card('d', '/d', json => '"d"', age_ms => 50_000);
    $publisher->card('e', '/e', json => 'e');
    like $t->wait_for_answer('/d')->{header}{age}, qr/^5\d$/;
    $publisher->command('renew', 'd');
    wait_for(sub { !exists $t->get('/d')->{header}{age} }, 10, 'the renewal');
    pass 'renewed: the age is gone';
    $publisher->command('retract', 'e');
    $t->wait_for_answer('/e', 404);
    $publisher->command('retract', 'other');
    # A sidecar that knows d, has nothing newer to say of it, and has forgotten c.
    $publisher->command('sync', 'off');
    $publisher->command('close');
    $publisher->command('wait', 2);
    $publisher->command('keep', 'd');
    is $t->get('/c')->{status}, 200, 'before synced everything stays';
    $publisher->command('synced');
    $t->wait_for_answer('/c', 404);
    is $t->get('/d')->{status}, 200, 'after it, what was named';
    $publisher->command('sync', 'on');
};

subtest 'no heartbeat' => sub {
    $publisher->command('close');
    $publisher->command('wait', 2);
    $t->wait_for_answer('/c');
    my $before = length $log->();
    $publisher->command('beat', 'off');
    wait_for(sub { substr($log->(), $before) =~ /sidecar is away: no heartbeat for (\d+) ms/ && $1 >= 1500 }, 10, 'the loss');
    is $t->get('/c')->{status}, 200, 'the card stays';
    $publisher->command('beat', 'on');
};

subtest 'killed and started again' => sub {
    my $load = $t->load(paths => ['/c', '/d']);
    for my $round (1 .. 5) {
        $publisher->stop('KILL');
        $publisher = $t->start_publisher;
        $publisher->command('sync', 'off');
        $publisher->card('c', '/c', json => qq({"generation":1$round}), generation => 100 + $round);
        $publisher->card('d', '/d', json => qq({"generation":1$round}), generation => 200 + $round);
        $publisher->command('sync', 'on');
        $publisher->command('wait', 2);
        wait_for(sub { $t->get('/c')->{body} =~ /1$round/ }, 10, "round $round");
    }
    $t->load_ok($load->stop, 'five times');
};

subtest 'reloads' => sub {
    my $load = $t->load(paths => ['/c', '/d']);
    $t->reload_nginx for 1 .. 8;
    $t->load_ok($load->stop, 'eight times: no worker answers before it knows the cards');
    $publisher->command('wait', 2);
};

subtest 'a new worker waits for the cards' => sub {
    $t->wait_for_answer('/c');
    my @before = $t->nginx_workers;
    $t->expect_killed_worker($_) for @before;
    $publisher->signal('STOP');
    kill 'KILL', @before;
    wait_for(sub { !grep { kill 0, $_ } @before }, 10, 'the end of the workers');
    my $http = $t->http->connect;
    $http->send("GET /c HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    my $early = IO::Select->new($http->{socket})->can_read(0.3);
    $publisher->signal('CONT');
    ok !$early, 'without them it answers nothing';
    is $http->read_response->{status}, 200, 'with them it does';
    $publisher->command('wait', 2);
};

subtest 'a sidecar that hangs' => sub {
    $publisher->signal('STOP');
    my $before = now();
    is $t->stop_nginx, 'exit 0', 'nginx ends';
    cmp_ok now() - $before, '<', 3, 'at once';
    $before = now();
    $t->start_nginx;
    cmp_ok now() - $before, '<', 3, 'starts in bounded time';
    is $t->get('/c')->{status}, 404, 'and has no card';
    $publisher->signal('CONT');
    $t->wait_for_answer('/c');
    pass 'until the sidecar goes on';
};

cmp_ok $lines->(qr/sidecar is away/), '<', 80, 'the log stays short';
unlike $log->(), qr/\[error\].*gatehouse/;
$publisher->stop;
is $t->stop_nginx, 'exit 0', 'and a quiet end';
$t->done;
