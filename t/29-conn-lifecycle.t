#!/usr/bin/perl
# Caps over reloads with more and fewer workers, without a master, and over an upgrade on the fly.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Upstream;

my ($t, $app);

my $main = '';  # of nginx.conf

sub begin (%option) {
    $main = delete $option{main} // '';
    $t = Gatehouse->new(ports => 2, %option);
    plan skip_all => 'module is not built' if !$t->built('module');
    $app = Gatehouse::Upstream->start($t->port(1));
    configure();
    $t->start_nginx;
    return;
}

sub configure ($more = '') {
    $t->nginx_conf(<<"END", main => $main);
gate_conn_zone all zone=z:64k;
$more
server { listen 127.0.0.1:%%PORT%%; location / { gate_conn zone=z 3; proxy_pass http://127.0.0.1:%%PORT1%%; } }
END
    return;
}

sub hold () {
    my $http = $t->http->connect;
    $http->send($http->format({path => '/hold'}));
    return $http;
}

# One request more, of which the application then has so many. It learns that a client has left before
# nginx gives the slot back: what is refused in between is tried again.
sub hold_one_more ($count) {
    for (1 .. 20) {
        my $http = hold();
        return $http if eval { wait_for(sub { $app->active == $count }, 1, 'one more'); 1 };
        $http->close;
    }
    die "no slot for request $count\n";
}

sub is_full ($what) {
    return is $t->get('/hold')->{status}, 429, $what;
}

subtest 'reloads' => sub {
    begin(workers => 1);
    my @held = map { hold() } 1 .. 2;
    $app->wait_for_active(2);
    for my $workers (4, 1, 3, 2) {
        $t->{workers} = $workers;
        configure("# $workers");
        kill 'HUP', $t->nginx_pid;
        wait_for(sub { $workers == (my @now = $t->nginx_workers) }, 20, "$workers workers");
        push @held, hold_one_more(3);
        is_full("full with $workers workers, requests of the old ones counted");
        (shift @held)->close;
        $app->wait_for_active(2);
    }
    push @held, hold_one_more(3);
    $app->release;
    is $_->read_response->{body}, "done\n", 'a request from before several reloads completes' for @held;
    @held = map { hold() } 1 .. 3;
    $app->wait_for_active(3);
    is_full('then the count is exact');
    $_->close for @held;
    $app->wait_for_active(0);
    $t->finish;
};

subtest 'worker_shutdown_timeout' => sub {
    begin(workers => 1, main => 'worker_shutdown_timeout 1s;');
    my @held = map { hold() } 1 .. 3;
    $app->wait_for_active(3);
    $t->reload_nginx;
    is_full('what drains counts');
    $app->wait_for_active(0);
    is eval { $_->read_response->{status} } // $@, "closed before the status line\n", 'closed, without a 504' for @held;
    @held = map { hold() } 1 .. 3;
    $app->wait_for_active(3);
    is_full('and given back');
    $_->close for @held;
    $app->wait_for_active(0);
    $t->finish;
};

subtest 'a hundred reloads under load' => sub {
    begin(workers => 2);
    my $load = $t->load(paths => ['/work'], clients => 6, keepalive => 0,
        accept => sub ($response) { $response->{status} =~ /^(?:200|429)$/ ? undef : "status $response->{status}" });
    for (1 .. ($ENV{GATEHOUSE_LONG} ? 100 : 10)) {
        $t->reload_nginx;
    }
    my $report = $load->stop;
    is $report->{failures}, 0, "no request of $report->{requests} failed" or diag explain $report->{failed};
    is $app->most, 3, 'never above the cap';
    wait_for(sub { 2 == (my @all = $t->nginx_workers(all => 1)) }, 20, 'end of the old workers');
    my @held = map { hold() } 1 .. 3;
    $app->wait_for_active(3);
    is_full('nothing leaked');
    $_->close for @held;
    $app->wait_for_active(0);
    $t->finish;
};

subtest 'no master' => sub {
    begin(master => 0, workers => 1);
    my @held = map { hold() } 1 .. 3;
    $app->wait_for_active(3);
    is_full('full');
    (shift @held)->close;
    $app->wait_for_active(2);
    push @held, hold();
    $app->wait_for_active(3);
    is_full('full again');
    $_->close for @held;
    $app->wait_for_active(0);
    $t->finish;
};

subtest 'an upgrade on the fly' => sub {
    begin(workers => 1, daemon => 1);
    my $old = $t->nginx_pid;
    my @held = map { hold() } 1 .. 3;
    $app->wait_for_active(3);
    kill 'USR2', $old;
    my $new = wait_for(sub {
        my ($pid) = (read_file($t->dir('nginx.pid')) // '') =~ /^(\d+)$/;
        $pid && $pid != $old && Gatehouse::Process::children($pid) >= 1 && $pid;
    }, 10, 'a second master');
    kill 'WINCH', $old;
    # The new nginx counts for itself: what the old one still serves is not in its count.
    # Until the old one has stopped to listen, it may take a connection, and refuse it.
    my @new;
    for my $active (4 .. 6) {
        wait_for(sub {
            my $http = hold();
            return eval { wait_for(sub { $app->active == $active }, 0.2, 'one more') && push @new, $http };
        }, 10, 'the new nginx');
    }
    $app->wait_for_active(6);
    is_full('the new nginx has its own three');
    $app->release;
    is $_->read_response->{body}, "done\n", 'requests of both complete' for @held, @new;
    kill 'QUIT', $old;
    is $t->{nginx}->wait(10), 'exit 0', 'the old nginx ends';
    $t->adopt_nginx($new);
    @held = map { hold() } 1 .. 3;
    $app->wait_for_active(3);
    is_full('the count is exact');
    $_->close for @held;
    $app->wait_for_active(0);
    $t->finish;
};

done_testing;
