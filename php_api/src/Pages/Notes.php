<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Clock;

/**
 * Sentences that the next page shows once, such as "Saved.", and secrets that are shown only once.
 *
 * A form is answered by a redirect, so that reloading the page sends nothing again; what happened is kept in the
 * session of the login until a page shows it.
 */
final class Notes
{
    private const SENTENCES = 'notes';
    private const SECRETS = 'secrets';
    private const MOST = 20;
    /** Seconds after which a secret that no page has shown is forgotten. */
    private const SECRET_SECONDS = 600;

    /** Leaves a sentence, in the reader's language, for the next page. */
    public static function leave(Visitor $visitor, string $text): void
    {
        $earlier = (array) ($visitor->session->take(self::SENTENCES) ?? []);
        $visitor->session->keep(self::SENTENCES, array_slice([...$earlier, $text], -self::MOST));
    }

    /** @return list<string> what has been left, the oldest first; it is gone afterwards */
    public static function take(Visitor $visitor): array
    {
        return array_values((array) ($visitor->session->take(self::SENTENCES) ?? []));
    }

    /**
     * Leaves secrets for the one page that shows them, so that they are in no address and no form.
     *
     * @param string $kind names what is shown, such as `data_key`
     * @param non-empty-list<string> $secrets
     */
    public static function leaveSecrets(Visitor $visitor, Clock $clock, string $kind, #[\SensitiveParameter] array $secrets): void
    {
        $visitor->session->keep(self::SECRETS . ".$kind", ['at' => $clock->milliseconds(), 'secrets' => $secrets]);
    }

    /** @return list<string> what has been left a short while ago; it is gone afterwards */
    public static function takeSecrets(Visitor $visitor, Clock $clock, string $kind): array
    {
        $kept = $visitor->session->take(self::SECRETS . ".$kind");
        $isRecent = $kept !== null && $clock->milliseconds() - $kept['at'] <= 1000 * self::SECRET_SECONDS;

        return $isRecent ? array_values($kept['secrets']) : [];
    }
}
