package Gatehouse::Nginx;

# The half of Gatehouse that runs nginx.

use v5.36;
use Gatehouse::Process;
use Gatehouse::Wait qw(wait_for);
use IO::Socket::INET;

sub nginx_binary {
    return $ENV{GATEHOUSE_NGINX} if $ENV{GATEHOUSE_NGINX};
    return (grep { -x } map { "$_/nginx" } split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin')[0] // 'nginx';
}

# The nginx to hand to a program that starts it by itself: one that brings the sanitizer's runtime along.
sub nginx_program ($self) {
    my $environment = $self->sanitizer_environment(1);
    return nginx_binary() if !%$environment;
    my $settings = join ' ', map { "$_='$environment->{$_}'" } sort keys %$environment;
    my $program = $self->write_file('nginx.sh', "#!/bin/sh\nexec env $settings '" . nginx_binary() . "' \"\$@\"\n");
    chmod 0755, $program;
    return $program;
}

# Writes nginx.conf from the content of its http block. gate_link and gate_board_file are set to the
# test's own unless the text names them. Options: main => lines before the http block, events => lines
# of the events block.
sub nginx_conf ($self, $http, %option) {
    my $main = $option{main} // '';
    my $user = $> == 0 && $main !~ /^\s*user\s/m ? 'user root;' : '';
    my $master = $self->{master} ? 'on' : 'off';
    my $daemon = $self->{daemon} ? 'on' : 'off';
    my $link = $http =~ /\bgate_link\s/ ? '' : 'gate_link %%LINK%%;';
    my $board_file = $http =~ /\bgate_board_file\s/ ? '' : 'gate_board_file %%BOARD%%;';
    my $types = join '', map { "    ${_}_temp_path temp/$_;\n" } qw(client_body proxy fastcgi uwsgi scgi);
    my $events = $option{events} // '';
    # Of its environment nginx hands an upgraded binary only what is named.
    $main .= join '', map { "\nenv $_;" } sort keys %{$self->sanitizer_environment(1)};
    return $self->write_file('nginx.conf', $self->fill_in(<<"END"));
load_module %%BUILD%%/ngx_http_gatehouse_module.so;
daemon $daemon;
master_process $master;
worker_processes $self->{workers};
pid nginx.pid;
error_log logs/error.log info;
$user
$main
events {
    worker_connections 512;
    $events
}
http {
    log_format load '\$http_x_load \$status \$body_bytes_sent "\$request"';
    access_log logs/access.log load;
$types
    $link
    $board_file
    $http
}
END
}

sub nginx_command ($self, @arguments) {
    return (nginx_binary(), '-p', "$self->{dir}/", '-c', 'nginx.conf', '-e', 'logs/error.log', @arguments);
}

# nginx -t: returns its exit status and its output.
sub nginx_test ($self) {
    my $process = Gatehouse::Process->start(
        command => [nginx_binary(), '-p', "$self->{dir}/", '-c', 'nginx.conf', '-e', 'stderr', '-t'],
        log => $self->dir('nginx-t.out'), env => $self->sanitizer_environment(1));
    my $status = $process->wait;
    my $output = Gatehouse::read_file($self->dir('nginx-t.out'));
    unlink $self->dir('nginx-t.out');
    return ($status =~ /(\d+)/ ? $1 : -1, $output);
}

# Starts nginx and waits until every port of its configuration accepts and all workers are there.
sub start_nginx ($self) {
    unlink $self->dir('nginx.pid');
    $self->{nginx} = $self->spawn(
        name => 'nginx', command => [$self->nginx_command], log => 'nginx.out',
        env => $self->sanitizer_environment(1));
    if ($self->{daemon} && $self->{nginx}->wait(20) eq 'exit 0') {
        my $pid = wait_for(sub { (Gatehouse::read_file($self->dir('nginx.pid')) // '') =~ /^(\d+)$/ && $1 }, 10, 'pid file');
        $self->adopt_nginx($pid);
    }
    my $conf = Gatehouse::read_file($self->dir('nginx.conf'));
    my @ports = grep { $conf =~ /listen\s+\S*\b$_\b/ } @{$self->{ports}};
    my $up = eval {
        wait_for(sub {
            die "nginx ended at its start\n" if !$self->{nginx}->running;
            -s $self->dir('nginx.pid') && !grep({ !accepts($_) } @ports)
                && (my @workers = $self->nginx_workers) >= $self->{workers};
        }, 20, 'start of nginx');
    };
    return $self if $up;
    die $@ . $self->log_text('nginx.out') . $self->log_text('error.log');
}

sub accepts ($port) { return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 1) }

# A master that is not this process's child, a daemon or one that another nginx started in an upgrade on
# the fly, is this test's nginx from now on.
sub adopt_nginx ($self, $pid) {
    $self->{nginx} = bless {pid => $pid, name => 'nginx', foreign => 1}, 'Gatehouse::Process';
    push @{$self->{processes}}, $self->{nginx};
    return;
}

sub nginx_pid ($self) { return $self->{nginx}->pid }

# HUP, and waits until the workers of the new configuration alone take new connections.
sub reload_nginx ($self) {
    my %before = map { $_ => 1 } $self->nginx_workers;
    $self->{nginx}->signal('HUP');
    wait_for(sub {
        my @now = $self->nginx_workers;
        @now >= $self->{workers} && !grep { $before{$_} } @now;
    }, 20, 'new workers after a reload');
    return;
}

# Pids of the workers that serve; those that drain after a reload only with all => 1.
sub nginx_workers ($self, %option) {
    return $self->nginx_pid if !$self->{master};
    return grep {
        my $title = Gatehouse::Process::command_line($_);
        $title =~ /worker process/ && ($option{all} || $title !~ /shutting down/)
    } Gatehouse::Process::children($self->nginx_pid);
}

# Where error.log ends now: for wait_in_step.
sub log_end ($self) { return length $self->log_text('error.log') }

# Waits until every worker has said, after this place of error.log, that it holds all of the sidecar's
# cards. Whoever asks one worker knows nothing about the others.
sub wait_in_step ($self, $since = 0) {
    wait_for(sub {
        my %said = map { $_ => 1 } substr($self->log_text('error.log'), $since) =~ /(\d+)#\d+: gatehouse: in step with/g;
        my @workers = $self->nginx_workers;
        return @workers >= $self->{workers} && !grep { !$said{$_} } @workers;
    }, 20, 'workers in step with the sidecar');
    return;
}

# Kills a worker for good and waits until another one is in its place. Returns the new one's pid.
sub kill_worker ($self, $pid = ($self->nginx_workers)[0]) {
    my %before = map { $_ => 1 } $self->nginx_workers(all => 1);
    $self->expect_killed_worker($pid);
    kill 'KILL', $pid;
    return wait_for(sub { (grep { !$before{$_} } $self->nginx_workers)[0] }, 10, 'a new worker');
}

# Stops by QUIT (drain) or another signal. Returns how it ended, "exit 0" when all is well.
sub stop_nginx ($self, $signal = 'QUIT') {
    my $nginx = delete $self->{nginx} // return;
    my @workers = Gatehouse::Process::children($nginx->pid);
    my $ended = $nginx->stop($signal, 15);
    kill 'KILL', @workers if $ended ne 'exit 0';
    return $ended;
}

1;
