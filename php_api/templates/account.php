<?php
/**
 * @var CrowdSky\Accounts\User $user
 * @var bool $isSaved
 * @var string $csrfToken
 * @var Closure $e
 */
?>
<h1>Account</h1>
<?php if ($isSaved) : ?>
<p class="note" role="status">Saved. It counts for every sub that is handed out from now on.</p>
<?php endif ?>
<h2>Where your telescope stands</h2>
<p>Many telescopes write the position of their site into every sub. Volunteers' workers get your subs without it: site,
    observer, and what the position could be worked out from, are blanked in the copies they download. Nothing is
    changed in the subs themselves.</p>
<form method="post" action="account.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <p><label><input type="checkbox" name="share_position" value="1"<?= $user->sharesPosition ? ' checked' : '' ?>>
        Let everybody who works on my subs see their position</label></p>
    <button>Save</button>
</form>
