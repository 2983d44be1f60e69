<?php
/**
 * @var list<CrowdSky\Pages\Admin\WorkerRow> $workers
 * @var string $order of them
 * @var list<CrowdSky\Workers\ApiKey> $keys
 * @var list<CrowdSky\Workers\VolunteerKey> $volunteers who wait for an answer
 * @var list<CrowdSky\Workers\ApiKey> $quarantined
 * @var int $held  results that wait for a second opinion
 * @var string $now stored form
 * @var int $probation  results in a row that a volunteer has to get right
 * @var ?string $newKey
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Pages\Admin\LevelWords;
use CrowdSky\Workers\TrustLevel;

?>
<h1><?= $t('Workers') ?></h1>
<?= $partial('trust_banner', ['quarantined' => $quarantined]) ?>
<?php if ($held > 0) : ?>
<p class="note"><a href="admin_held.php"><?= $t->count($held, '{n} result of a volunteer waits for a second opinion.', '{n} results of volunteers wait for a second opinion.') ?></a></p>
<?php endif ?>
<?php if ($newKey !== null) : ?>
<div class="note" role="status">
    <p><?= $t('This is the new key. It is shown only now; set it as <code>WORKER_API_KEY</code> of the worker.') ?></p>
    <p><code class="long"><?= $e($newKey) ?></code></p>
</div>
<?php endif ?>
<?php if ($workers === []) : ?>
<p class="empty"><?= $t('No worker has asked for work yet. Create a key below and give it to one.') ?></p>
<?php else : ?>
<?= $partial('admin_worker_table', []) ?>
<?php endif ?>
<?php if ($volunteers !== []) : ?>
<h2 id="volunteers"><?= $t('Volunteers who ask for a key') ?></h2>
<ul class="plain">
<?php foreach ($volunteers as $volunteer) : ?>
    <li><form class="inline" method="post" action="admin_workers.php">
        <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
        <input type="hidden" name="user_id" value="<?= $e($volunteer->userId) ?>">
        <strong><?= $e($volunteer->username) ?></strong> <span class="hint"><?= $time($volunteer->askedAt) ?></span>
        <?= $e($volunteer->note) ?>
        <button class="second" name="action" value="grant"><?= $t('Grant') ?></button>
        <button class="second" name="action" value="decline"><?= $t('Decline') ?></button>
    </form></li>
<?php endforeach ?>
</ul>
<?php endif ?>
<h2 id="keys"><?= $t('Keys') ?></h2>
<p><?= $t('A <em>trusted</em> worker sees where telescopes stand, a <em>standard</em> one does not. Results of a <em>volunteer</em> wait until another worker agrees: the first {n}, later some of them.', ['n' => $t->number($probation)]) ?></p>
<form class="inline" method="post" action="admin_workers.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <label for="key-name"><?= $t('Name of a new key') ?></label>
    <input id="key-name" name="name" required maxlength="64" placeholder="<?= $t('observatory') ?>">
    <?= $partial('level_choice', ['name' => $t('Level of the new key'), 'level' => TrustLevel::Standard]) ?>
    <label for="key-day"><?= $t('Last day <span class="hint">(optional)</span>') ?></label>
    <input id="key-day" name="last_day" type="date">
    <button name="action" value="create"><?= $t('Create key') ?></button>
</form>
<?php if ($keys !== []) : ?>
<div class="scroll" role="region" aria-label="<?= $t('Keys') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('Key') ?></th><th><?= $t('Level') ?></th><th><?= $t('Created') ?></th><th><?= $t('Last used') ?></th><th><?= $t('Valid until') ?></th><th><span class="unseen"><?= $t('Actions') ?></span></th></tr></thead>
    <tbody>
<?php foreach ($keys as $key) : ?>
        <tr id="key-<?= $e($key->id) ?>">
            <td data-label="<?= $t('Key') ?>"><?= $e($key->name) ?><br><code><?= $e($key->hint) ?>…</code></td>
            <td data-label="<?= $t('Level') ?>">
<?php if ($key->revokedAt !== null) : ?>
                <?= $e(LevelWords::of($texts, $key->level())) ?>
<?php else : ?>
                <form class="inline" method="post" action="admin_workers.php">
                    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
                    <input type="hidden" name="key_id" value="<?= $e($key->id) ?>">
                    <?= $partial('level_choice', ['name' => $texts->say('Level of key {name}', ['name' => $key->name]), 'level' => $key->level()]) ?>
                    <button class="second" name="action" value="level"><?= $t('Set') ?></button>
<?php if ($key->quarantinedAt !== null) : ?>
                    <button class="second" name="action" value="lift"><?= $t('Lift quarantine') ?></button>
<?php endif ?>
                </form>
<?php if ($key->quarantinedAt !== null) : ?>
                <span class="hint"><?= $t('quarantined') ?></span>
<?php elseif ($key->level() === TrustLevel::Volunteer) : ?>
                <span class="hint"><?= $t('{n} right in a row', ['n' => $t->number($key->agreedInRow)]) ?></span>
<?php endif ?>
<?php endif ?>
            </td>
            <td data-label="<?= $t('Created') ?>"><?= $time($key->createdAt) ?></td>
            <td data-label="<?= $t('Last used') ?>"><?= $time($key->lastUsedAt) ?><?= $key->lastIp === null ? '' : '<br><span class="hint">' . $t('from {address}', ['address' => $key->lastIp]) . '</span>' ?></td>
            <td data-label="<?= $t('Valid until') ?>"><?= $time($key->expiresAt) ?><?= $key->isExpired($now) ? ' <span class="hint">' . $t('expired') . '</span>' : '' ?></td>
            <td>
<?php if ($key->revokedAt === null) : ?>
                <form method="post" action="admin_workers.php">
                    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
                    <input type="hidden" name="key_id" value="<?= $e($key->id) ?>">
                    <button class="second" name="action" value="revoke"><?= $t('Revoke') ?></button>
                </form>
<?php else : ?>
                <?= $t('revoked {when}', ['when' => $time($key->revokedAt)]) ?>
<?php endif ?>
            </td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php endif ?>
