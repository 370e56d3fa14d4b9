package Gatehouse::Publisher;

# Drives gatehouse_publisher (t/tools/publisher.cpp), which stands in for the sidecar where a test wants
# an exact fault.
#
#     my $p = $t->start_publisher;
#     $p->publish('card', '/path', json => $t->write_file('body', '[]'), max_age_ms => 1000);
#     $p->command('retract', 'card');          # dies unless the answer is "ok …", which it returns
#     $p->events('applied');                   # what workers said so far

use v5.36;
use IO::Select;
use IO::Handle;
use POSIX ();
use Gatehouse::Process;
use Gatehouse::Wait qw(now);

our @ISA = qw(Gatehouse::Process);

sub start ($class, $program, $socket, $log, $env) {
    pipe(my $commands, my $input) or die "pipe: $!";
    pipe(my $output, my $answers) or die "pipe: $!";
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        @ENV{keys %$env} = values %$env;
        open STDIN, '<&', $commands;
        open STDOUT, '>&', $answers;
        open STDERR, '>>', $log;
        { no warnings 'exec'; exec { $program } $program, $socket; }
        POSIX::_exit(127);
    }
    my $self = bless {
        pid => $pid, name => 'gatehouse_publisher', input => $input, output => $output,
        buffer => '', events => [],
    }, $class;
    $input->autoflush(1);
    $self->answer;
    return $self;
}

sub command ($self, @words) {
    print {$self->{input}} join("\t", @words), "\n";
    return $self->answer("@words");
}

sub publish ($self, $name, $path, %settings) {
    return $self->command('publish', $name, $path, map { "$_=$settings{$_}" } sort keys %settings);
}

# Lines beginning with $kind (hello, applied) that came so far, without that word; forgets them.
sub events ($self, $kind) {
    $self->more(0);
    my @found = map { /^\Q$kind\E (.*)/ ? $1 : () } @{$self->{events}};
    $self->{events} = [grep { !/^\Q$kind\E / } @{$self->{events}}];
    return @found;
}

sub answer ($self, $command = 'start') {
    my $deadline = now() + 30;
    while (now() < $deadline) {
        while ($self->{buffer} =~ s/^(.*)\n//) {
            my $line = $1;
            return $1 // '' if $line =~ /^ok ?(.*)$/;
            die "publisher: $command: $line\n" if $line =~ /^error/;
            push @{$self->{events}}, $line;
        }
        $self->more(1) // die "publisher ended: $command\n";
    }
    die "publisher: no answer to $command\n";
}

# Reads what is there; undef at the end of the output.
sub more ($self, $timeout) {
    while (IO::Select->new($self->{output})->can_read($timeout)) {
        my $got = sysread $self->{output}, $self->{buffer}, 65536, length $self->{buffer};
        return undef if !$got;
        last if $timeout;
    }
    if (!$timeout) {
        push @{$self->{events}}, $1 while $self->{buffer} =~ s/^(.*)\n//;
    }
    return 1;
}

1;
