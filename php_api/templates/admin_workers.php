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
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Workers\TrustLevel;

?>
<h1>Workers</h1>
<?= $partial('trust_banner', ['quarantined' => $quarantined]) ?>
<?php if ($held > 0) : ?>
<p class="note"><a href="admin_held.php"><?= $e(Format::count($held, 'result of a volunteer waits', 'results of volunteers wait')) ?></a> for a second opinion.</p>
<?php endif ?>
<?php if ($newKey !== null) : ?>
<div class="note" role="status">
    <p>This is the new key. It is shown only now; set it as <code>WORKER_API_KEY</code> of the worker.</p>
    <p><code class="long"><?= $e($newKey) ?></code></p>
</div>
<?php endif ?>
<?php if ($workers === []) : ?>
<p class="empty">No worker has asked for work yet. Create a key below and give it to one.</p>
<?php else : ?>
<?= $partial('admin_worker_table', []) ?>
<?php endif ?>
<?php if ($volunteers !== []) : ?>
<h2 id="volunteers">Volunteers who ask for a key</h2>
<ul class="plain">
<?php foreach ($volunteers as $volunteer) : ?>
    <li><form class="inline" method="post" action="admin_workers.php">
        <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
        <input type="hidden" name="user_id" value="<?= $e($volunteer->userId) ?>">
        <strong><?= $e($volunteer->username) ?></strong> <span class="hint"><?= $time($volunteer->askedAt) ?></span>
        <?= $e($volunteer->note) ?>
        <button class="second" name="action" value="grant">Grant</button>
        <button class="second" name="action" value="decline">Decline</button>
    </form></li>
<?php endforeach ?>
</ul>
<?php endif ?>
<h2 id="keys">Keys</h2>
<p>A <em>trusted</em> worker sees where telescopes stand, a <em>standard</em> one does not. Results of a <em>volunteer</em> wait
    until another worker agrees: the first <?= $e($probation) ?>, later some of them.</p>
<form class="inline" method="post" action="admin_workers.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <label for="key-name">Name of a new key</label>
    <input id="key-name" name="name" required maxlength="64" placeholder="observatory">
    <?= $partial('level_choice', ['name' => 'Level of the new key', 'level' => TrustLevel::Standard]) ?>
    <label for="key-day"><?= $t('Last day <span class="hint">(optional)</span>') ?></label>
    <input id="key-day" name="last_day" type="date">
    <button name="action" value="create">Create key</button>
</form>
<?php if ($keys !== []) : ?>
<div class="scroll" role="region" aria-label="Keys" tabindex="0">
<table class="stacked">
    <thead><tr><th>Key</th><th>Level</th><th>Created</th><th>Last used</th><th><?= $t('Valid until') ?></th><th><span class="unseen"><?= $t('Actions') ?></span></th></tr></thead>
    <tbody>
<?php foreach ($keys as $key) : ?>
        <tr id="key-<?= $e($key->id) ?>">
            <td data-label="Key"><?= $e($key->name) ?><br><code><?= $e($key->hint) ?>…</code></td>
            <td data-label="Level">
<?php if ($key->revokedAt !== null) : ?>
                <?= $e($key->level()->value) ?>
<?php else : ?>
                <form class="inline" method="post" action="admin_workers.php">
                    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
                    <input type="hidden" name="key_id" value="<?= $e($key->id) ?>">
                    <?= $partial('level_choice', ['name' => "Level of key {$key->name}", 'level' => $key->level()]) ?>
                    <button class="second" name="action" value="level">Set</button>
<?php if ($key->quarantinedAt !== null) : ?>
                    <button class="second" name="action" value="lift">Lift quarantine</button>
<?php endif ?>
                </form>
<?php if ($key->quarantinedAt !== null) : ?>
                <span class="hint">quarantined</span>
<?php elseif ($key->level() === TrustLevel::Volunteer) : ?>
                <span class="hint"><?= $e($key->agreedInRow) ?> right in a row</span>
<?php endif ?>
<?php endif ?>
            </td>
            <td data-label="Created"><?= $time($key->createdAt) ?></td>
            <td data-label="Last used"><?= $time($key->lastUsedAt) ?><?= $key->lastIp === null ? '' : '<br><span class="hint">from ' . $e($key->lastIp) . '</span>' ?></td>
            <td data-label="<?= $t('Valid until') ?>"><?= $time($key->expiresAt) ?><?= $key->isExpired($now) ? ' <span class="hint">' . $t('expired') . '</span>' : '' ?></td>
            <td>
<?php if ($key->revokedAt === null) : ?>
                <form method="post" action="admin_workers.php">
                    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
                    <input type="hidden" name="key_id" value="<?= $e($key->id) ?>">
                    <button class="second" name="action" value="revoke">Revoke</button>
                </form>
<?php else : ?>
                revoked <?= $time($key->revokedAt) ?>
<?php endif ?>
            </td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php endif ?>
