<?php
/**
 * @var bool $isOpen whether users may ask for a key here
 * @var ?CrowdSky\Workers\VolunteerKey $volunteer null for who has never asked
 * @var ?CrowdSky\Workers\Contribution $given null without a key
 * @var ?string $newKey shown once
 * @var string $api address of the API
 * @var int $probation results that others have to agree with first
 * @var ?CrowdSky\Accounts\User $user null without a login
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Workers\VolunteerKey;

$form = '<form method="post" action="volunteer.php"><input type="hidden" name="csrf_token" value="' . $e($csrfToken) . '">';
$key = $volunteer?->key;
?>
<h1><?= $t('Help with your computer') ?></h1>
<p><?= $t('Every night has thousands of exposures to align, combine and measure. Your computer can do some of it while you do not need it: a small program asks this site for a chunk of subs, stacks it, sends the result back and asks for the next. It needs about 1.5 GB of memory for each job and no graphics card.') ?></p>
<p><?= $t('You get the subs without the place they were taken at. Your first {n} results count when another worker agrees with them.', ['n' => $probation]) ?></p>
<?php if ($user === null) : ?>
<p class="actions"><a class="button" href="login.php?next=volunteer.php"><?= $t('Log in to ask for a key') ?></a></p>
<?php elseif ($volunteer === null && !$isOpen) : ?>
<p class="note"><?= $t('This site gives no keys to volunteers by itself; write to its operator.') ?></p>
<?php elseif ($volunteer === null) : ?>
<h2><?= $t('Ask for a key') ?></h2>
<?= $form ?>
    <label for="note"><?= $t('What would you like the operator to know?') ?></label>
    <textarea id="note" name="note" rows="3" maxlength="500"></textarea>
    <button name="action" value="ask"><?= $t('Ask for a key') ?></button>
</form>
<?php elseif ($volunteer->state === VolunteerKey::ASKED) : ?>
<p class="note"><?= $t('You asked for a key on {time}. An admin will look at it; this page then lets you make the key.', ['time' => $time($volunteer->askedAt)]) ?></p>
<?php elseif ($volunteer->state === VolunteerKey::DECLINED) : ?>
<p class="note"><?= $t('An admin has declined your wish for a key.') ?></p>
<?php endif ?>
<?php if ($newKey !== null) : ?>
<h2><?= $t('Start your worker') ?></h2>
<p><?= $t('Type these three lines in the folder of the CrowdSky program; its README says how to get it.') ?></p>
<p class="note"><?= $t('This is your key. It is shown this once; whoever has it can work in your name.') ?></p>
<pre class="long"><code>printf 'API_BASE_URL=%s\nWORKER_API_KEY=%s\n' <?= $e($api) ?> <?= $e($newKey) ?> &gt; .env
./dev install
.venv/bin/python -m worker</code></pre>
<?php elseif ($volunteer?->mayMake() === true) : ?>
<h2><?= $t('Make your key') ?></h2>
<?= $form ?>
    <button name="action" value="make"><?= $t('Make my key') ?></button>
</form>
<?php endif ?>
<?php if ($key !== null && $given !== null) : ?>
<h2><?= $t('What you have given') ?></h2>
<dl class="facts-list">
    <dt><?= $t('Stacks in the archive') ?></dt><dd><?= $t->number($given->jobs) ?></dd>
    <dt><?= $t('Subs in them') ?></dt><dd><?= $t->number($given->frames) ?></dd>
    <dt><?= $t('Hours of work') ?></dt><dd><?= $t->number($given->seconds / 3600, 1) ?></dd>
    <dt><?= $t('Waiting for a second opinion') ?></dt><dd><?= $t->number($given->held) ?></dd>
    <dt><?= $t('Confirmed in a row') ?></dt><dd><?= $t->number($key->agreedInRow) ?></dd>
</dl>
<?php if ($key->quarantinedAt !== null) : ?>
<p class="problem"><?= $t('Your key gets no work since {time}: {reason}. An admin has to look at it.', ['time' => $time($key->quarantinedAt), 'reason' => $texts->repeat((string) $key->quarantineReason)]) ?></p>
<?php endif ?>
<?php if ($given->workers !== []) : ?>
<div class="scroll" role="region" aria-label="<?= $t('Your workers') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('Worker') ?></th><th><?= $t('Version') ?></th><th><?= $t('Last seen') ?></th><th><?= $t('Done') ?></th><th><?= $t('Failed') ?></th></tr></thead>
    <tbody>
<?php foreach ($given->workers as $worker) : ?>
        <tr>
            <td data-label="<?= $t('Worker') ?>"><?= $e($worker['worker_name']) ?></td>
            <td data-label="<?= $t('Version') ?>"><?= $e($worker['version']) ?></td>
            <td data-label="<?= $t('Last seen') ?>"><?= $time($worker['last_seen_at']) ?></td>
            <td data-label="<?= $t('Done') ?>"><?= $t->number((int) $worker['jobs_completed']) ?></td>
            <td data-label="<?= $t('Failed') ?>"><?= $t->number((int) $worker['jobs_failed']) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php endif ?>
<?php if ($key->revokedAt === null) : ?>
<?= $form ?>
    <button class="danger" name="action" value="revoke"><?= $t('Revoke my key') ?></button>
</form>
<?php endif ?>
<?php endif ?>
