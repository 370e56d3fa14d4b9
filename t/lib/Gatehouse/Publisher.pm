package Gatehouse::Publisher;

# Drives gatehouse_publisher (t/tools/publisher.cpp), which stands in for the sidecar where a test wants
# an exact fault.
#
#     my $p = $t->start_publisher;
#     $p->card('c', '/c', json => '{"a":1}', 'json.gzip' => $bytes, max_age_ms => 1000);
#     $p->command('retract', 'c');             # dies unless the answer is "ok …", which it returns
#     $p->wait_for_event(qr/^applied 1 /);     # what a worker said
#     $p->events('applied');                   # what workers said so far

use v5.36;
use IO::Select;
use IO::Handle;
use POSIX ();
use Scalar::Util ();
use Gatehouse::Credentials qw(token_list);
use Gatehouse::Process;
use Gatehouse::Wait qw(now stretched);

our @ISA = qw(Gatehouse::Process);

my $bodies = 0;

# start(test, program, socket, log, environment)
sub start ($class, $t, $program, $socket, $log, $env) {
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
        pid => $pid, name => 'gatehouse_publisher', t => $t, input => $input, output => $output,
        buffer => '', events => [],
    }, $class;
    Scalar::Util::weaken($self->{t});
    $input->autoflush(1);
    $self->answer;
    return $self;
}

sub command ($self, @words) {
    local $SIG{PIPE} = 'IGNORE';
    print {$self->{input}} join("\t", @words), "\n";
    return $self->answer("@words");
}

# Publishes a card whose bodies are files.
sub publish ($self, $name, $path, %settings) {
    return $self->command('publish', $name, $path, map { "$_=$settings{$_}" } sort keys %settings);
}

# The same with bodies as bytes. Returns the generation.
sub card ($self, $name, $path, %settings) {
    for my $slot (grep { /^(?:json|columns|csv|ndjson)(?:\.\w+)?$/ } keys %settings) {
        $settings{$slot} = $self->{t}->write_file('body-' . ++$bodies % 100, $settings{$slot});
    }
    return $self->publish($name, $path, %settings);
}

# Tables: of any bytes, and of API tokens (hashes, see t/tools/tables.h), all of them or what changed.
sub table ($self, $name, $bytes) { return $self->command('table', $name, $self->{t}->write_file('table', $bytes)) }
sub tokens ($self, @tokens) { return $self->command('tokens', $self->{t}->write_file('tokens', token_list(@tokens))) }
sub changes ($self, @tokens) { return $self->command('changes', $self->{t}->write_file('tokens', token_list(@tokens))) }

# A table of health, "health" or "health.away": lines of words, see t/tools/tables.h.
sub health ($self, $name, @lines) {
    return $self->command('health', $name, $self->{t}->write_file('health', join '', map { join("\t", @$_) . "\n" } @lines));
}

# The paths of cards with variants: [card, pattern, query, require, flags] each.
sub paths ($self, @cards) {
    return $self->command('paths', $self->{t}->write_file('paths', join '', map { join("\t", @$_) . "\n" } @cards));
}

# A variant of a card, by its key; bodies and settings as card() has them.
sub variant ($self, $card, $key, %settings) { return $self->card("$card $key", $key, %settings) }

# Lines beginning with $kind (hello, applied) that came so far, without that word; forgets them.
sub events ($self, $kind) {
    $self->more(0);
    my @found = map { /^\Q$kind\E (.*)/ ? $1 : () } @{$self->{events}};
    $self->{events} = [grep { !/^\Q$kind\E / } @{$self->{events}}];
    return @found;
}

# Waits for the next line that matches, and forgets those before it.
sub wait_for_event ($self, $pattern, $timeout = 10) {
    my $deadline = now() + stretched($timeout);
    while (1) {
        $self->more(0);
        while (defined(my $event = shift @{$self->{events}})) {
            return $event if $event =~ $pattern;
        }
        die "no event $pattern\n" if now() >= $deadline;
        IO::Select->new($self->{output})->can_read(0.1);
    }
}

sub answer ($self, $command = 'start') {
    my $deadline = now() + stretched(30);
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
