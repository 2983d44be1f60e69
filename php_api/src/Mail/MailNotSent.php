<?php

declare(strict_types=1);

namespace CrowdSky\Mail;

/** A mail could not be handed over; the message is for the operator and has neither passwords nor codes in it. */
final class MailNotSent extends \RuntimeException
{
}
