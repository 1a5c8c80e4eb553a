//! The table from the manager's outcomes to NTSTATUS: the only place that gives parameters their numbers.

use crate::engine::{NotAClient, RequestRefused};
use crate::manager::{Cookie, LogError, RequestOutcome};
use crate::units::Status;

/// Of a routine whose first parameter is the log.
pub(super) fn of_log(error: impl Into<LogError>) -> Status {
    match error.into() {
        LogError::NoSuchLog => Status::INVALID_PARAMETER_1,
        other => other.into(),
    }
}

/// Of a routine whose only input that can be wrong is the cookie of a client.
pub(super) fn of_client(client: Cookie) -> impl FnOnce(NotAClient) -> Status {
    move |NotAClient| if client.is_null() { Status::INVALID_PARAMETER } else { Status::INVALID_PARAMETER_1 }
}

/// Of a request for space.
pub(in crate::exports) const fn of_request(outcome: Result<RequestOutcome, RequestRefused>) -> Status {
    match outcome {
        Ok(RequestOutcome::Success) => Status::SUCCESS,
        Ok(RequestOutcome::Pending) => Status::PENDING,
        Ok(RequestOutcome::Deregistered) | Err(RequestRefused::Stopped) => Status::UNSUCCESSFUL,
        Err(RequestRefused::InProgress) => Status::LOG_FULL_HANDLER_IN_PROGRESS,
        Err(RequestRefused::NotAClient) => Status::INVALID_PARAMETER_1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manager::NoSuchLog;

    #[test]
    fn a_null_cookie_and_one_that_names_nobody_have_their_documented_statuses() {
        assert_eq!(of_client(Cookie::NULL)(NotAClient), Status::INVALID_PARAMETER);
        assert_eq!(of_client(Cookie::from_raw(1))(NotAClient), Status::INVALID_PARAMETER_1);
        assert_eq!(of_request(Err(RequestRefused::NotAClient)), Status::INVALID_PARAMETER_1);
    }

    #[test]
    fn the_log_is_the_first_parameter_and_what_was_returned_of_it_is_passed_on() {
        assert_eq!(of_log(NoSuchLog), Status::INVALID_PARAMETER_1);
        assert_eq!(of_log(LogError::NotAClient), Status::INVALID_PARAMETER);
        assert_eq!(of_log(LogError::Failed(Status::DISK_FULL)), Status::DISK_FULL);
    }

    #[test]
    fn a_request_that_was_opened_and_one_that_was_not_have_their_documented_statuses() {
        assert_eq!(of_request(Ok(RequestOutcome::Success)), Status::SUCCESS);
        assert_eq!(of_request(Ok(RequestOutcome::Pending)), Status::PENDING);
        assert_eq!(of_request(Ok(RequestOutcome::Deregistered)), Status::UNSUCCESSFUL);
        assert_eq!(of_request(Err(RequestRefused::Stopped)), Status::UNSUCCESSFUL);
        assert_eq!(of_request(Err(RequestRefused::InProgress)), Status::LOG_FULL_HANDLER_IN_PROGRESS);
    }
}
