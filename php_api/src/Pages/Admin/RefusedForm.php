<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Http\Response;
use CrowdSky\Pages\Messages;
use CrowdSky\Pages\Texts;

/** A form whose fields were refused: its own page says why, so that nobody loses the place or what was typed. */
final class RefusedForm
{
    /** Refusals that another entry avoids. */
    private const KINDS = [RefusalKind::BadInput, RefusalKind::Conflict];

    /**
     * @param \Closure(): Response $act
     * @param \Closure(string): Response $show makes the page with what is wrong, in the reader's language
     * @throws Refusal of any other kind
     */
    public static function around(Texts $texts, \Closure $act, \Closure $show): Response
    {
        try {
            return $act();
        } catch (Refusal $refusal) {
            if (!in_array($refusal->kind, self::KINDS, true)) {
                throw $refusal;
            }

            return $show(Messages::in($texts)->translated($refusal->getMessage()))->refusing($refusal->kind);
        }
    }
}
