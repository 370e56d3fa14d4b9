#!/usr/bin/perl
# Counts survive reloads, and in a file restarts, kills and upgrades; a changed zone is refused, a changed quota noted.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use IO::Socket::INET;

my $t = Gatehouse->new(ports => 2, workers => 2, daemon => 1);
plan skip_all => 'module is not built' if !$t->built('module');
my $file = $t->dir('limits.zone');

my %usual = (file_key => '$arg_k', file_size => '1m', key => '$arg_k', size => '1m', quota => '100/hour', rate => '', file => 'limits.zone', window => 'fixed', main => '');
sub configure (%change) {
    my %with = (%usual, %change);
    $t->nginx_conf(<<"END");
gate_limit_zone $with{key} zone=memory:$with{size} quota="$with{quota}" $with{rate} window=$with{window};
gate_limit_zone $with{file_key} zone=file:$with{file_size} quota=100/hour window=fixed file=$with{file};
$with{main}
keepalive_timeout 0;
server { listen 127.0.0.1:%%PORT%%; gate_limit_headers both;
    location = /memory { gate_limit zone=memory; empty_gif; } location = /file { gate_limit zone=file; empty_gif; } }
END
    return;
}

# How many this key has spent, with this request.
sub spent ($path, $key = 'k') {
    my $header = $t->get("$path?k=$key")->{header};
    return $header->{'x-ratelimit-limit'} - $header->{'x-ratelimit-remaining'};
}
sub both ($key = 'k') { return join ' ', map { spent($_, $key) } '/memory', '/file' }

configure();
$t->start_nginx;
is both, "$_ $_", "request $_" for 1 .. 3;

subtest 'reload' => sub {
    $t->reload_nginx;
    is both, '4 4', 'with the same configuration';
    for my $workers (4, 1, 2) {
        $t->{workers} = $workers;
        configure();
        $t->reload_nginx;
        my @spent = map { both } 1 .. 4;
        my $begin = (split ' ', $spent[0])[0];
        is_deeply \@spent, [map { my $n = $begin + $_; "$n $n" } 0 .. 3], "with $workers workers, each sees all";
    }
};

# Waits for a line of error.log that a reload brings.
sub reload_says ($pattern) {
    my $since = $t->log_end;
    kill 'HUP', $t->nginx_pid;
    return wait_for(sub { substr($t->log_text('error.log'), $since) =~ $pattern && ($1 // 1) }, 10, "line $pattern");
}

# Waits until all workers are those of the new configuration.
sub wait_for_policy ($policy) {
    wait_for(sub { $t->get('/memory?k=new')->{header}{'ratelimit-policy'} eq $policy }, 10, 'new quota');
    wait_for(sub { 2 == (my @workers = $t->nginx_workers(all => 1)) }, 10, 'end of the old workers');
    return;
}

subtest 'a changed zone' => sub {
    my $conf = $t->dir('nginx.conf');
    my @workers = $t->nginx_workers;
    $t->expect_in_logs(qr/\[emerg\] .*limit zone "(?:memory|file)" has the/);
    for my $change ([key => '$arg_k$host', 'the key "$arg_k$host", but the running one has "$arg_k"'],
        [size => '2m', 'the size "2097152", but the running one has "1048576"'],
        [file_key => '$arg_k$host', 'the key "$arg_k$host", but the running one has "$arg_k"'],
        [file_size => '2m', 'the size "2097152", but the running one has "1048576"'],
        [file => 'other.zone', 'the file "' . $t->dir('other.zone') . '", but the running one has "' . $file . '"']) {
        my ($what, $value, $message) = @$change;
        my $before = (split ' ', both)[0];
        configure($what => $value);
        my $remedy = $what =~ /^file_/ ? 'give the zone another name and another file, or remove the file and restart nginx'
            : 'give the zone another name, or restart nginx';
        ok reload_says(qr/\[emerg\] .*limit zone "\w+" has \Q$message: $remedy in $conf\E:\d+\n/), "$what: refused in words, at the line";
        is_deeply [sort $t->nginx_workers], [sort @workers], "$what: the running workers stay";
        is both, join(' ', ($before + 1) x 2), "$what: with their counts";
        my ($status) = $t->nginx_test;
        is $status, $what =~ /^file_/ ? 1 : 0, "$what: nginx -t knows nothing of what runs, but looks at files";
    }
    ok !-e $t->dir('other.zone'), 'no other file was made';
};

subtest 'a changed quota' => sub {
    my ($before) = split ' ', both;
    configure(quota => '200/hour; 1000/day');
    my $changed = reload_says(qr/\[notice\] .*(limit zone "memory" changes from .* to .*\n)/);
    like $changed, qr/from quota="100\/hour" window=fixed to quota="200\/hour; 1000\/day" window=fixed/, 'is noted';
    wait_for_policy('"200/hour";q=200;w=3600, "1000/day";q=1000;w=86400');
    is spent('/memory'), $before + 1, 'the window that stayed goes on';
    configure(quota => '150/hour', window => 'gcra');
    reload_says(qr/\[notice\] .*limit zone "memory" changes from .*fixed to .*gcra/);
    wait_for_policy('"150/hour";q=150;w=3600');
    is spent('/memory'), 1, 'one of another kind begins anew';
    configure();
    $t->reload_nginx;
};

subtest 'nginx -t' => sub {
    my @before = (stat $file)[1, 7, 9];
    my $content = read_file($file);
    is +($t->nginx_test)[0], 0;
    configure(file => 'fresh.zone');
    is +($t->nginx_test)[0], 0;
    ok !-e $t->dir('fresh.zone'), 'makes no file';
    configure(main => 'gate_limit_zone $arg_k zone=more:1m rate=1r/s file=other.zone;');
    is +($t->nginx_test)[0], 0;
    is_deeply [(stat $file)[1, 7]], [@before[0, 1]], 'changes none';
    configure();
};

subtest 'restarts' => sub {
    my (undef, $count) = split ' ', both;
    is $t->stop_nginx, 'exit 0', 'stopped';
    $t->start_nginx;
    is both, '1 ' . ++$count, 'memory begins anew, the file goes on';
    my @all = ($t->nginx_pid, $t->nginx_workers);
    kill 'KILL', @all;
    wait_for(sub { !grep { kill 0, $_ } @all }, 10, 'end of all');
    delete $t->{nginx};
    $t->start_nginx;
    is both, '1 ' . ++$count, 'after kill -9 of master and workers';

    my $old = $t->nginx_pid;
    kill 'USR2', $old;
    my $new = wait_for(sub {
        my ($pid) = (read_file($t->dir('nginx.pid')) // '') =~ /^(\d+)$/;
        $pid && $pid != $old && Gatehouse::Process::children($pid) >= 2 && $pid;
    }, 10, 'a second master');
    my $of_file = spent('/file');
    is $of_file, ++$count, 'while an upgrade is under way, old and new workers count in one file';
    kill 'QUIT', $old;
    is $t->{nginx}->wait(10), 'exit 0', 'the old nginx ends';
    $t->adopt_nginx($new);
    is spent('/file'), ++$count, 'after an upgrade on the fly the file goes on';
    is spent('/memory', 'fresh'), 1, 'memory is the new one';
};

subtest 'a zone that comes back' => sub {
    my ($memory) = split ' ', both;
    $t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { empty_gif; } }');
    $t->reload_nginx;
    configure();
    $t->reload_nginx;
    is spent('/memory'), 1, 'has been forgotten';
};

subtest 'another nginx' => sub {
    my $other = Gatehouse->new;
    $other->nginx_conf("gate_limit_zone \$arg_k zone=file:1m quota=100/hour window=fixed file=$file;\n"
        . 'server { listen 127.0.0.1:%%PORT%%; location = /file { gate_limit zone=file; empty_gif; } }');
    $other->expect_in_logs(qr/\[emerg\] .*in use by another nginx/);
    my (undef, @arguments) = $other->nginx_command;
    my @start = ($other->nginx_program, @arguments);
    my $refused = sub ($when) {
        my ($status, $out, $err) = $other->run_program(\@start);
        is $status, 1, "$when: does not start";
        like $err, qr/\[emerg\] .*limit zone "file": the file "\Q$file\E" is in use by another nginx; name another file in .*nginx\.conf:\d+$/m, 'in words, at the line';
    };
    $refused->('while the file is used');
    is +($other->nginx_test)[0], 0, 'nginx -t cannot tell one nginx from another';
    $t->reload_nginx;
    $refused->('after a reload');

    # Half a request keeps its worker from ending.
    my @old = $t->nginx_workers;
    my @half = map { my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port); print {$c} 'GET /fi'; $c } 1 .. 20;
    wait_for(sub { $t->get('/memory?k=half')->{status} == 200 }, 10, 'an answer behind it');
    $t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { empty_gif; } }');
    $t->reload_nginx;
    cmp_ok scalar(grep { kill 0, $_ } @old), '>', 0, 'a worker drains';
    configure();
    $t->reload_nginx;
    cmp_ok spent('/file'), '>', 1, 'and the zone can be had again at once';
    close $_ for @half;
    my $master = $t->nginx_pid;
    my @workers = $t->nginx_workers(all => 1);
    kill 'STOP', @workers;
    kill 'KILL', $master;
    wait_for(sub { !kill 0, $master }, 10, 'end of the master');
    delete $t->{nginx};
    $other->start_nginx;
    is $other->get('/file?k=k')->{status}, 200, 'when the master is gone, another one may have it';
    kill 'KILL', @workers;
    is $other->stop_nginx, 'exit 0';
    $other->finish;
};

subtest 'files that are none' => sub {
    my (undef, @arguments) = $t->nginx_command;
    my @start = ($t->nginx_program, @arguments);
    my $refused = sub ($content, $message) {
        $t->write_file('limits.zone', $content);
        my ($status, $out, $err) = $t->run_program(\@start);
        isnt $status, 0, 'does not start';
        like $out . $err . $t->log_text('error.log'), qr/\[emerg\] .*$message/, $message;
        is read_file($file), $content, 'and leaves the file alone';
    };
    $t->expect_in_logs(qr/\[emerg\] .*limit zone "file"/);
    $refused->('something else', 'has 14 bytes, the zone 1048576');
    $refused->('x' x 1048576, 'limit zone "file"');
    unlink $file;
    mkdir $file;
    my ($status) = $t->run_program(\@start);
    isnt $status, 0, 'a directory';
};
$t->done;
