#!/usr/bin/perl
# gate_health while the sidecar is away: by itself, by the table "health.away", degraded, then down, and back.

use v5.36;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Gatehouse;

my $locations = <<'END';
server {
    listen 127.0.0.1:%%PORT%%;
    location = /live { gate_health live; }
    location = /ready { gate_health ready; }
    location = /status { gate_health status; }
    location = /detailed { gate_health detailed; }
    location = /extended { gate_health extended; }
    location = /mine { gate_health status profile=mine; }
    location = /mine/live { gate_health live profile=mine; }
    location = /metrics { gate_metrics; }
}
END

my @away = (
    ['answer', 'status', 'degraded', 200, 'mine', 'application/json', '{"mine":"away"}'],
    ['answer', 'status', 'down', 503, 'mine', 'application/json', '{"mine":"gone"}'],
    ['answer', 'live', 'up', 200, 'mine', 'text/plain', 'here'],
    ['answer', 'ready', 'degraded', 200, 'default', 'application/json', '{"ready":"away"}'],
    ['answer', 'ready', 'down', 503, 'default', 'application/json', '{"ready":"gone"}']);
my @up = (
    ['answer', 'status', 'up', 200, 'mine', 'application/json', '{"mine":"up"}'],
    ['answer', 'live', 'up', 200, 'mine', 'text/plain', 'here, too'],
    ['answer', 'ready', 'up', 200, 'default', 'application/json', '{"ready":"up"}']);

sub ask ($t, $path) { my $answer = $t->get($path); return "$answer->{status} $answer->{body}" }
sub wait_for_word ($t, $path, $word) {
    my $found = eval { $t->wait_for_answer($path, sub ($r) { "$r->{status} $r->{body}" eq $word }, 10); 1 };
    return ok($found, "$path: $word") || diag $@;
}

my $first = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the publisher' if !$first->built('module', 'publisher');

subtest 'no table, no sidecar, ever' => sub {
    my $t = $first;
    $t->nginx_conf($locations);
    $t->start_nginx;
    is ask($t, '/live'), '200 {"status":"up"}', 'live is of nginx alone';
    is ask($t, '/ready'), '200 {"status":"degraded","sidecar":"away"}', 'ready, but degraded';
    is ask($t, '/mine'), '200 {"status":"degraded","sidecar":"away"}', 'whatever the profile';
    my $told = JSON::PP::decode_json($t->get('/extended')->{body});
    is $told->{nginx}{sidecar}{state}, 'away', 'it says what it knows';
    is $told->{nginx}{workers}, 2, 'of its own';
    is_deeply $told->{nginx}{cards}, {}, 'no cards';
    is_deeply [sort keys %$told], [sort qw(status sidecar timestamp nginx uptime_seconds request_count error_count connections websockets)],
        'extended';
    is_deeply [sort keys %{JSON::PP::decode_json($t->get('/detailed')->{body})}], [sort qw(status sidecar timestamp nginx)], 'detailed';
    unlike $t->log_text('error.log'), qr/health profile/, 'without a table there is no profile to miss';
    $t->finish;
};

subtest 'no sidecar is expected' => sub {
    my $t = Gatehouse->new;
    $t->nginx_conf("gate_link off;\n$locations");
    $t->start_nginx;
    is ask($t, '/ready'), '200 {"status":"up","sidecar":"off"}', 'nginx alone is up';
    $t->finish;
};

subtest 'a sidecar that checks nothing' => sub {
    my $t = Gatehouse->new;
    my $publisher = $t->start_publisher;
    $t->nginx_conf($locations);
    $t->start_nginx;
    is ask($t, '/ready'), '200 {"status":"up","sidecar":"up"}', 'is up';
    $publisher->command('listen', 'off');
    $publisher->command('close');
    wait_for_word($t, '/ready', '200 {"status":"degraded","sidecar":"away"}');
    $publisher->command('listen', 'on');
    wait_for_word($t, '/ready', '200 {"status":"up","sidecar":"up"}');
    $t->finish;
};

subtest 'killed, down by policy, back' => sub {
    my $t = Gatehouse->new(workers => 2);
    my $publisher = $t->start_publisher;
    $publisher->health('health', ['state', 'up'], @up);
    $publisher->health('health.away', ['down_after', 1500], @away);
    $t->nginx_conf($locations);
    $t->start_nginx;
    is ask($t, '/mine'), '200 {"mine":"up"}', 'up';
    is ask($t, '/mine/live'), '200 here, too', 'live as the profile has it';
    my $killed = now();
    $publisher->stop('KILL');
    wait_for_word($t, '/mine', '200 {"mine":"away"}');
    is ask($t, '/ready'), '200 {"ready":"away"}', 'ready: each question as the table has it';
    is ask($t, '/status'), '200 {"status":"degraded","sidecar":"away"}', 'what it does not have, nginx tells by itself';
    is ask($t, '/mine/live'), '200 here', 'live goes on';
    wait_for_word($t, '/mine', '503 {"mine":"gone"}');
    my $after = now() - $killed;
    cmp_ok $after, '>=', 1.4, sprintf('down after the time that the table has (%.2f s)', $after);
    is ask($t, '/ready'), '503 {"ready":"gone"}', 'not ready';
    is ask($t, '/status'), '503 {"status":"down","sidecar":"away"}', 'nginx says down, too, to whoever looks at the status alone';
    is ask($t, '/mine/live'), '200 here', 'live still goes on';

    $publisher = $t->start_publisher;
    $publisher->command('sync', 'on');
    wait_for_word($t, '/ready', '200 {"status":"up","sidecar":"up"}');
    pass 'a sidecar that tells nothing of health: what the one before told holds no more';
    $publisher->health('health', ['state', 'up'], @up);
    wait_for_word($t, '/mine', '200 {"mine":"up"}');
    $t->finish;
};

subtest 'a first start that takes long: what is told counts before all cards are there' => sub {
    my $t = Gatehouse->new(workers => 2);
    my $publisher = $t->start_publisher;
    $publisher->command('sync', 'off');
    $t->nginx_conf($locations);
    $t->start_nginx;
    $publisher->wait_for_event(qr/^hello /) for 1 .. 2;
    $publisher->health('health.away', ['down_after', 1], @away);
    wait_for_word($t, '/ready', '503 {"ready":"gone"}');
    $publisher->health('health', ['state', 'up'], @up);
    wait_for_word($t, '/ready', '200 {"ready":"up"}');
    is ask($t, '/mine'), '200 {"mine":"up"}', 'in every form';
    like $t->get('/metrics')->{body}, qr/^gatehouse_sidecar_up 0$/m, 'though no worker is in step yet';
    $publisher->stop('KILL');
    wait_for_word($t, '/ready', '503 {"ready":"gone"}');
    $t->finish;
};

subtest 'lost before all cards are there: the time counts from the loss' => sub {
    my $t = Gatehouse->new(workers => 2);
    my $publisher = $t->start_publisher;
    $publisher->command('sync', 'off');
    $t->nginx_conf($locations);
    $t->start_nginx;
    $publisher->wait_for_event(qr/^hello /) for 1 .. 2;
    $publisher->health('health.away', ['down_after', 5000], @away);
    $publisher->health('health', ['state', 'up'], @up);
    my $old = sub ($r) { JSON::PP::decode_json($r->{body})->{nginx}{sidecar}{since_seconds} > 8 };
    $t->wait_for_answer('/detailed', $old, 30);
    is ask($t, '/mine'), '200 {"mine":"up"}', 'it is there for longer than down_after';
    my $killed = now();
    $publisher->stop('KILL');
    wait_for_word($t, '/mine', '503 {"mine":"gone"}');
    my $after = now() - $killed;
    cmp_ok $after, '>=', 4.9, sprintf('down %.2f s after the loss', $after);
    $t->finish;
};

subtest 'a sidecar that stands still' => sub {
    my $t = Gatehouse->new;
    my $publisher = $t->start_publisher;
    $publisher->health('health', ['state', 'up'], @up);
    $publisher->health('health.away', ['down_after', 0], @away);
    $t->nginx_conf("gate_link_timeout 1100ms;\n$locations");
    $t->start_nginx;
    $publisher->command('beat', 'off');
    wait_for_word($t, '/mine', '200 {"mine":"away"}');
    $publisher->command('beat', 'on');
    wait_for_word($t, '/mine', '200 {"mine":"up"}');
    $t->finish;
};

subtest 'nginx starts without the sidecar: tables on disk' => sub {
    my $t = Gatehouse->new(workers => 2);
    my $publisher = $t->start_publisher;
    $publisher->card('c', '/c', json => '[]', max_age_ms => 1000, age_ms => 9000);
    $publisher->health('health.away', ['down_after', 700], @away);
    $publisher->command('archive', $t->board_path);
    $publisher->stop('KILL');
    $t->nginx_conf($locations);
    $t->start_nginx;
    like ask($t, '/mine'), qr/^(?:200 \{"mine":"away"\}|503 \{"mine":"gone"\})$/, 'the first answer is the table\'s';
    wait_for_word($t, '/mine', '503 {"mine":"gone"}');
    my $cards = JSON::PP::decode_json($t->get('/detailed')->{body})->{nginx}{cards};
    ok $cards->{c}{stale}, 'the cards of the last good board are stale';
    cmp_ok $cards->{c}{age_seconds}, '>=', 9, 'with their age';
    $t->stop_nginx;

    my $file = $t->board_path . '.table.health.away';
    my $bytes = read_file($file);
    for my $damage (
        ['a flipped bit', substr($bytes, 0, 4200) . (substr($bytes, 4200, 1) ^. "\x10") . substr($bytes, 4201)],
        ['cut off', substr $bytes, 0, length($bytes) - 1],
        ['empty', ''],
    ) {
        $t->write_file('board.table.health.away', $damage->[1]);
        $t->start_nginx;
        is ask($t, '/mine'), '200 {"status":"degraded","sidecar":"away"}', "$damage->[0]: refused, nginx answers by itself";
        like $t->log_text('error.log'), qr/\[error\] .*board\.table\.health\.away.*; it is refused/, 'and says so';
        $t->stop_nginx;
        unlink $t->dir('logs/error.log');
    }
    $t->finish;
};

subtest 'one process without a master' => sub {
    my $t = Gatehouse->new(master => 0);
    my $publisher = $t->start_publisher;
    $publisher->health('health', ['state', 'up'], @up);
    $publisher->health('health.away', ['down_after', 500], @away);
    $t->nginx_conf($locations);
    $t->start_nginx;
    is ask($t, '/mine'), '200 {"mine":"up"}', 'up';
    is JSON::PP::decode_json($t->get('/detailed')->{body})->{nginx}{workers}, 1, 'one worker';
    $publisher->stop('KILL');
    wait_for_word($t, '/mine', '503 {"mine":"gone"}');
    $t->finish;
};

done_testing;
