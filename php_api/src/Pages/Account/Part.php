<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Account;

use CrowdSky\Accounts\AccountRefused;
use CrowdSky\Base\Refusal;

/** A part of the account page, with its forms. */
interface Part
{
    /** @return array<string, mixed> variables of its template */
    public function values(AccountVisit $visit): array;

    /** @return list<string> values of form_action that it answers */
    public static function actions(): array;

    /**
     * @param string $action one of actions()
     * @return string what has been done, in the reader's language
     * @throws AccountRefused when the form cannot be accepted; shown above the page
     * @throws Refusal for a value that no form of ours sends
     */
    public function act(AccountVisit $visit, string $action): string;
}
