<?php
/**
 * @var CrowdSky\Accounts\User $user
 * @var CrowdSky\Uploads\Room $room
 * @var int $rawGraceHours
 * @var int $failedRawDays
 * @var array<string, ?string> $zones time zone by telescope with local times, null where it is not known
 * @var array<string, ?bool> $positions whether a telescope's position may be read, null where the account decides
 * @var list<string> $knownZones
 * @var ?int $seriesSeconds of the series of every stack, null for none
 * @var string $csrfToken
 * @var Closure $e
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 */
use CrowdSky\Pages\Figures;
use CrowdSky\Series\SeriesOrder;

?>
<h2 id="stacks"><?= $t('Who sees your stacks') ?></h2>
<p><?= $t(
    'Public stacks can be seen by everybody, with their picture, their place in the sky and what was'
    . ' measured on them. Whoever has an account or a key can download them. Others never get your name, the'
    . ' names of your subs or the position of your telescope, and subs are never public. On the page of a'
    . ' stack you can decide otherwise for that stack alone.'
) ?></p>
<form method="post" action="account.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="form_action" value="stacks">
    <p><label><input type="checkbox" name="stacks_public" value="1"<?= $user->areStacksPublic ? ' checked' : '' ?>>
        <?= $t('My stacks are public') ?></label></p>
    <button><?= $t('Save') ?></button>
</form>
<h2 id="series"><?= $t('Series for fast events') ?></h2>
<p><?= $t(
    'A series stacks the subs of a stack again in short parts and measures every star in each of them:'
    . ' flares and eclipses that the stack hides show there. You can order one on the page of a stack while'
    . ' its subs are here, or have one made of every stack.'
) ?></p>
<form class="inline" method="post" action="account.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="form_action" value="series">
    <label><?= $t('Series of every stack') ?>
        <select name="seconds">
            <option value=""><?= $t('none') ?></option>
<?php foreach (SeriesOrder::CHOICES as $seconds) : ?>
            <option value="<?= $e($seconds) ?>"<?= $seconds === $seriesSeconds ? ' selected' : '' ?>><?= $t('parts of {seconds} s', ['seconds' => $seconds]) ?></option>
<?php endforeach ?>
        </select></label>
    <button class="second"><?= $t('Save') ?></button>
</form>
<h2><?= $t('Where your telescope stands') ?></h2>
<p><?= $t(
    'Many telescopes write the position of their site into every sub, and local time into its name. The'
    . ' workers of volunteers get copies of your subs that are named by a number and keep only what the'
    . ' stacking needs. The observatory\'s own workers get whole subs, but leave the position out of the'
    . ' stacks that they make, too. Nothing is changed in the subs themselves.'
) ?></p>
<p><?= $t(
    'The pixels cannot be changed, and they tell something as well: without an equatorial mount the sky'
    . ' turns in the picture from sub to sub, and how fast it turns at a known time and pointing gives your'
    . ' latitude to a few degrees. If that is too much, do not upload such subs.'
) ?></p>
<form method="post" action="account.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="form_action" value="position">
    <p><label><input type="checkbox" name="share_position" value="1"<?= $user->sharesPosition ? ' checked' : '' ?>>
        <?= $t('Let everybody who works on my subs see their position, and keep it in my stacks') ?></label></p>
    <button><?= $t('Save') ?></button>
</form>
<?php if ($positions !== []) : ?>
<p><?= $t('You can decide otherwise for a telescope; it counts for subs that workers get from now on.') ?></p>
<?php foreach ($positions as $telescope => $isShared) : ?>
<form class="inline" method="post" action="account.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="form_action" value="telescope">
    <input type="hidden" name="telescope" value="<?= $e((string) $telescope) ?>">
    <label><?= $telescope === '' ? $t('Telescope without a name') : $e((string) $telescope) ?>
        <select name="is_shared">
            <option value=""><?= $t('as decided above') ?></option>
            <option value="1"<?= $isShared === true ? ' selected' : '' ?>><?= $t('position may be read') ?></option>
            <option value="0"<?= $isShared === false ? ' selected' : '' ?>><?= $t('position stays hidden') ?></option>
        </select></label>
    <button class="second"><?= $t('Save') ?></button>
</form>
<?php endforeach ?>
<?php endif ?>
<?php if ($zones !== []) : ?>
<h2 id="zones"><?= $t('Clocks of your telescopes') ?></h2>
<p><?= $t(
    'These telescopes write local time into their subs and name no time zone. Say where they are used, and'
    . ' the times of new stacks are in UTC; otherwise these stacks have no times at all. Workers then learn'
    . ' the time zone, and it can be found from a stack, whose name has the local time. At the end of summer'
    . ' time, subs of the hour that comes twice stay without a time.'
) ?></p>
<?php foreach ($zones as $telescope => $zone) : ?>
<form class="inline" method="post" action="account.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="form_action" value="clock">
    <input type="hidden" name="telescope" value="<?= $e((string) $telescope) ?>">
    <label><?= $telescope === '' ? $t('Telescope without a name') : $e((string) $telescope) ?>
        <select name="time_zone">
            <option value=""><?= $t('not known') ?></option>
<?php foreach ($knownZones as $name) : ?>
            <option<?= $name === $zone ? ' selected' : '' ?>><?= $e($name) ?></option>
<?php endforeach ?>
        </select></label>
    <button class="second"><?= $t('Save') ?></button>
</form>
<?php endforeach ?>
<?php endif ?>
<?php if ($room->quotaBytes !== null) : ?>
<h2><?= $t('Room for raw subs') ?></h2>
<p><?= $t('{used} of {quota} are used, {left} are left.', [
    'used' => Figures::bytes($texts, $room->usedBytes),
    'quota' => Figures::bytes($texts, $room->quotaBytes),
    'left' => Figures::bytes($texts, $room->remainingBytes()),
]) ?> <?= $t('A sub leaves the site {hours} hours after its stack is stored and verified, that of a failed chunk after {days} days. Deleting a job frees its room at once.', ['hours' => $rawGraceHours, 'days' => $failedRawDays]) ?></p>
<?php endif ?>
